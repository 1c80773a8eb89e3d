/** For this folder's tests: a real HTTP server that answers as each case tells it to. The full simulator is in e2e/. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

export type StubCall = { path: string; authorization: string; body: string; response: ServerResponse; request: IncomingMessage };
export type StubHandler = (call: StubCall) => void;

export type SafaricomStub = {
  baseUrl: string;
  server: Server;
  /** Calls so far, counted once the whole body has arrived. */
  oauthCalls: number;
  pushCalls: StubCall[];
  queryCalls: StubCall[];
  /** A case may replace any of them. By default each token invalidates the one before, and pushes with the valid token are accepted. */
  onOauth: StubHandler;
  onPush: StubHandler;
  onQuery: StubHandler;
  /** The only valid token. */
  token: string;
  /** Resolves at the next call of this kind. */
  nextCall(kind: "oauth" | "push" | "query"): Promise<void>;
  close(): Promise<void>;
};

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export const acceptedBody = {
  MerchantRequestID: "29115-34620561-1",
  CheckoutRequestID: "ws_CO_170820261404032708374149",
  ResponseCode: "0",
};
const staleTokenBody = { requestId: "r", errorCode: "404.001.03", errorMessage: "Invalid Access Token" };

export async function startSafaricomStub(): Promise<SafaricomStub> {
  const waiting = { oauth: [] as (() => void)[], push: [] as (() => void)[], query: [] as (() => void)[] };
  const server = createServer((request, response) => void receive(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the stub has no port");
  const ifValid = (answer: unknown): StubHandler => {
    return ({ authorization, response }) => {
      if (authorization === `Bearer ${stub.token}`) sendJson(response, 200, answer);
      else sendJson(response, 404, staleTokenBody);
    };
  };
  const stub: SafaricomStub = {
    baseUrl: `http://127.0.0.1:${address.port}`,
    server,
    oauthCalls: 0,
    pushCalls: [],
    queryCalls: [],
    token: "",
    onOauth: ({ response }) => {
      stub.token = `token-${stub.oauthCalls}`;
      sendJson(response, 200, { access_token: stub.token, expires_in: "3599" });
    },
    onPush: ifValid(acceptedBody),
    onQuery: ifValid({ ResponseCode: "0", CheckoutRequestID: acceptedBody.CheckoutRequestID, ResultCode: "0", ResultDesc: "done" }),
    nextCall: (kind) => new Promise((resolve) => waiting[kind].push(resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? "";
    const call: StubCall = { path, authorization: request.headers.authorization ?? "", body, response, request };
    const kind = path.startsWith("/oauth/") ? "oauth" : path.includes("query") ? "query" : "push";
    if (kind === "oauth") stub.oauthCalls += 1;
    else (kind === "push" ? stub.pushCalls : stub.queryCalls).push(call);
    for (const resolve of waiting[kind].splice(0)) resolve();
    (kind === "oauth" ? stub.onOauth : kind === "push" ? stub.onPush : stub.onQuery)(call);
  }

  return stub;
}
