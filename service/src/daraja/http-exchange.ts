/**
 * One HTTP request, sent at most once, with the three results that matter when money is involved: a complete reply, certainly not sent, or
 * sent without a complete reply.
 *
 * Why not undici's `request()`: its promise cannot tell the last two apart (a TLS handshake and a lost reply both give ECONNRESET), and it
 * does not settle on an abort while it is still connecting. The dispatcher calls `onRequestStart` right before it writes the first byte, so an
 * error before that call proves that nothing was sent.
 *
 * undici 8 may resend requests (`lib/dispatcher/client-h1.js`, `client-h2.js`): over HTTP/1.1 a written request fails and is never resent, as
 * long as nothing is pipelined; over HTTP/2 a refused stream IS resent. So HTTP/2, which undici would negotiate, is off.
 *
 * Every request gets a new connection (`pipelining: 0`). Against a server that closes idle connections just as the next request arrives,
 * reused connections lost 53 of 1,500 POSTs after they were written, and each would leave a parent without an answer; new connections lost
 * none. The cost is a handshake of about 50 ms on calls that take Safaricom 1 to 3 s.
 */
import { Agent } from "undici";
import { BODY_MAX_BYTES } from "./untrusted-json.ts";
import type { Dispatcher } from "undici";

export type ExchangeRequest = {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** The exchange ends after this time, whatever it is doing. */
  timeoutMs: number;
};

export type Exchange =
  | { kind: "reply"; status: number; text: string }
  /** No byte of the request was sent. `code`: the error's code, or `deadline`. */
  | { kind: "unsent"; code: string }
  /** Bytes may have been sent, and no complete reply arrived. */
  | { kind: "lost"; code: string };

export type Exchanger = {
  /** Never throws. */
  exchange(request: ExchangeRequest): Promise<Exchange>;
  /** Ends running exchanges (as `lost` or `unsent`) and closes the sockets. */
  close(): Promise<void>;
};

/**
 * Further calls wait, unsent, for a free connection until their deadline. A push takes Safaricom 0.3 s or more, so 64 connections would start 213 a
 * second at the most, and each parent of a payday evening would wait for a second before.
 */
export const CONNECTIONS_MAX = 128;

export function createExchanger(connectTimeoutMs: number): Exchanger {
  const agent = new Agent({
    allowH2: false,
    pipelining: 0,
    connections: CONNECTIONS_MAX,
    connectTimeout: connectTimeoutMs,
    maxResponseSize: BODY_MAX_BYTES,
  });
  return {
    exchange: (request) => new Promise((resolve) => dispatchOnce(agent, request, resolve)),
    close: () => agent.destroy(),
  };
}

function dispatchOnce(agent: Agent, request: ExchangeRequest, resolve: (exchange: Exchange) => void): void {
  let sent: Dispatcher.DispatchController | null = null;
  let settled = false;
  let status = 0;
  const chunks: Buffer[] = [];

  function settle(exchange: Exchange): void {
    if (settled) return;
    settled = true;
    clearTimeout(deadline);
    resolve(exchange);
  }
  function fail(code: string): void {
    settle({ kind: sent ? "lost" : "unsent", code });
  }

  const deadline = setTimeout(() => {
    const controller = sent;
    fail("deadline");
    controller?.abort(new Error("deadline"));
  }, request.timeoutMs);

  const { url, method, headers, timeoutMs } = request;
  const options = {
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  };
  agent.dispatch(request.body === undefined ? options : { ...options, body: request.body }, {
    onRequestStart(controller) {
      // It timed out while it waited for a connection. The caller was told "unsent", so it must not be sent now.
      if (settled) controller.abort(new Error("given up before it was sent"));
      else sent = controller;
    },
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      settle({ kind: "reply", status, text: Buffer.concat(chunks).toString("utf8") });
    },
    onResponseError(_controller, error) {
      fail(codeOf(error));
    },
  });
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
