/** The bodies of Daraja's refusals, and the only place that sends them. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { Ids } from "./ids.ts";

export interface Refusal {
  status: number;
  /** `errorCode` and `errorMessage`, or a whole body of another kind. */
  body: { code: string; message: string } | { fault: object } | { html: string } | "empty";
}

const refusal = (status: number, code: string, message: string): Refusal => ({ status, body: { code, message } });

/** The gateway's error page when the server behind it does not answer. */
const HTML_PAGE =
  "<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503 Service Temporarily Unavailable</h1></body></html>\n";

export const refusals = {
  invalidToken: refusal(404, "404.001.03", "Invalid Access Token"),
  invalidAuthHeader: refusal(404, "404.001.04", "Invalid Authentication Header"),
  resourceNotFound: refusal(404, "404.001.01", "Resource not found"),
  invalidAuthentication: refusal(400, "400.008.01", "Invalid Authentication passed"),
  invalidGrantType: refusal(400, "400.008.02", "Invalid grant type passed"),
  wrongKeyOrSecret: { status: 400, body: "empty" },
  invalidPayload: refusal(400, "400.002.05", "Invalid Request Payload"),
  merchantUnknown: refusal(500, "500.001.1001", "Merchant does not exist"),
  wrongCredentials: refusal(500, "500.001.1001", "Wrong credentials"),
  locked: refusal(500, "500.001.1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber"),
  systemBusy: refusal(500, "500.003.02", "System is busy. Please try again in few minutes."),
  spikeArrest: refusal(500, "500.003.02", "Error Occurred: Spike Arrest Violation"),
  quota: refusal(500, "500.003.03", "Quota Violation"),
  internalError: refusal(500, "500.003.1001", "Internal Server Error"),
  emptyError: refusal(200, "500.001.1001", ""),
  beingProcessed: refusal(500, "500.001.1001", "The transaction is being processed"),
  doesNotExist: refusal(500, "500.001.1001", "The transaction does not Exist"),
  html: { status: 503, body: { html: HTML_PAGE } },
  empty: { status: 500, body: "empty" },
  noApiProduct: {
    status: 401,
    body: {
      fault: {
        faultstring: "Invalid API call as no apiproduct match found",
        detail: { errorcode: "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound" },
      },
    },
  },
} as const satisfies Record<string, Refusal>;

export const invalidField = (field: string): Refusal => refusal(400, "400.002.02", `Bad Request - Invalid ${field}`);

/** The gateway's own fault, without Daraja's envelope. */
export function rateLimited(messagesPerPeriod: number, periodMs: number): Refusal {
  const rate = `MessageRate{messagesPerPeriod=${messagesPerPeriod}, periodInMicroseconds=${periodMs * 1_000}, maxBurstMessageCount=1.0}`;
  const faultstring = `Spike arrest violation. Allowed rate : ${rate}`;
  return { status: 429, body: { fault: { faultstring, detail: { errorcode: "policies.ratelimit.SpikeArrestViolation" } } } };
}

/** Thrown by a Daraja route that refuses. */
export class RefusedCall extends Error {
  readonly refusal: Refusal;

  constructor(refused: Refusal) {
    super("refused");
    this.refusal = refused;
  }
}

export function sendRefusal(response: Response, { status, body }: Refusal, ids: Ids): void {
  response.status(status);
  if (body === "empty") response.end();
  else if ("html" in body) response.type("html").send(body.html);
  else if ("fault" in body) response.json(body);
  else response.json({ requestId: ids.requestId(), errorCode: body.code, errorMessage: body.message });
}

/** The last handler of every Daraja path. */
export function answerRefusals(ids: Ids): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) next(error);
    else if (error instanceof RefusedCall) sendRefusal(response, error.refusal, ids);
    // The body parser throws this if the JSON is malformed or too long.
    else if (error instanceof Error && "type" in error) sendRefusal(response, refusals.invalidPayload, ids);
    else next(error);
  };
}

/** Answers a known path that was called with another method. */
export const refuseMethod: RequestHandler = (request) => {
  throw new RefusedCall(refusal(405, "405.001", `${request.method} Method Not Allowed`));
};

export const refusePath: RequestHandler = () => {
  throw new RefusedCall(refusals.resourceNotFound);
};

/** Cuts the connection as a failing gateway does: the caller gets ECONNRESET and no answer. */
export function cutConnection(request: Request): void {
  request.socket.resetAndDestroy();
}
