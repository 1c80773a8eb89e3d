/**
 * One HTTP request, sent at most once, whose three ends tell what the caller must know about money: a whole reply, certainly not sent, or
 * sent with no whole reply.
 *
 * Why not undici's `request()`: its promise cannot tell the last two apart (ECONNRESET comes from a TLS handshake as well as from a lost
 * reply), and it does not settle on an abort while the connection is still being made. Its dispatcher can: it calls `onRequestStart` right
 * before it writes the first byte, so an error before that call proves that nothing was sent.
 *
 * What undici 8 does by itself, read in its source (`lib/dispatcher/client-h1.js`, `client-h2.js`): over HTTP/1.1 a request that was written
 * is failed, never written again, as long as nothing is pipelined behind another; over HTTP/2 a refused stream IS sent again. So HTTP/2,
 * which it would negotiate, is off here.
 *
 * Every request gets a fresh connection (`pipelining: 0` is undici's word for that). Against a server that closes idle connections just when
 * the next request comes, kept ones lost 53 of 1,500 POSTs after they were written, and each of those would be a parent told "we do not
 * know"; fresh ones lost none. The price is a handshake of some 50 ms on calls that take Safaricom 1 to 3 s.
 */
import { Agent } from "undici";
import { BODY_MAX_BYTES } from "./untrusted-json.ts";
import type { Dispatcher } from "undici";

export type ExchangeRequest = {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** How long until the exchange is given up, whatever it is doing. */
  timeoutMs: number;
};

export type Exchange =
  | { kind: "reply"; status: number; text: string }
  /** Not one byte of the request left. `code`: the error's code, or `deadline`. */
  | { kind: "unsent"; code: string }
  /** Bytes may have left, and no whole reply came. */
  | { kind: "lost"; code: string };

export type Exchanger = {
  /** Never throws. */
  exchange(request: ExchangeRequest): Promise<Exchange>;
  /** Ends what is under way (as `lost` or `unsent`) and frees the sockets. */
  close(): Promise<void>;
};

/** More calls than this wait for a free connection, unsent, until their deadline. Safaricom's own limits are far below. */
const CONNECTIONS_MAX = 64;

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
      // Given up while it waited for a connection: the caller was told "unsent", so it must stay so.
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
