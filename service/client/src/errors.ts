import type { Problem } from "./contract.generated.ts";

/** A later version of the service may have codes that this one does not name. */
export type ErrorCode = Problem["code"] | (string & Record<never, never>);

/** Every error of this package. */
export class SomoPayError extends Error {
  override name = "SomoPayError";
}

/** SomoPay understood the request and refused it. `code` is stable, for programs; `message` is a sentence. */
export class ApiError extends SomoPayError {
  override name = "ApiError";
  readonly status: number;
  readonly code: ErrorCode;
  /** The whole answer (RFC 9457): `errors` names fields, `booking` is the current view where it matters. */
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** Too many calls, and the retries of this client are used up. */
export class RateLimitError extends ApiError {
  override name = "RateLimitError";
  readonly retryAfterMs: number;

  constructor(problem: Problem, retryAfterMs: number) {
    super(problem);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * No usable answer came: the network failed, it took too long, or a proxy answered. Whether SomoPay did the work is unknown. Repeat the call with
 * `idempotencyKey`: it is then done once, whatever happened.
 */
export class ConnectionError extends SomoPayError {
  override name = "ConnectionError";
  /** null: the call changes nothing. */
  readonly idempotencyKey: string | null;

  constructor(message: string, idempotencyKey: string | null, options?: { cause?: unknown }) {
    super(message, options);
    this.idempotencyKey = idempotencyKey;
  }
}
