/** One request until it has an answer: the same one again after a failure that passes, with the same Idempotency-Key. */
import type { Problem } from "./contract.generated.ts";
import { ApiError, ConnectionError, RateLimitError } from "./errors.ts";

export type Exchange = {
  url: string;
  secretKey: string;
  fetch: typeof globalThis.fetch;
  /** For each try. */
  timeoutMs: number;
  /** After the first try. */
  maxRetries: number;
  /** Waits between two tries; rejects when the signal aborts. */
  wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  random: () => number;
};

export type Call = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: object | undefined;
  /** null: the call changes nothing. */
  idempotencyKey: string | null;
  signal?: AbortSignal | undefined;
};

type Reply = { status: number; retryAfterMs: number | null; body: unknown };

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Busy, failing or restarting. 502 is an answer when it has a problem document (Safaricom refused), and otherwise a proxy's. */
const PASSING = new Set([429, 500, 503, 504]);

/**
 * @returns the parsed body; undefined for 204
 * @throws ApiError, RateLimitError, ConnectionError; what the signal was aborted with
 */
export async function exchange(settings: Exchange, call: Call): Promise<unknown> {
  for (let retries = 0; ; retries++) {
    const outcome = await attempt(settings, call);
    const isLast = retries >= settings.maxRetries;
    if (!(outcome instanceof ConnectionError)) {
      const problem = outcome.status >= 400 ? toProblem(outcome.body) : null;
      if (outcome.status < 400) return outcome.body;
      const isPassing =
        problem === null ? outcome.status >= 500 : PASSING.has(outcome.status) || problem.code === "idempotency_in_progress";
      if (isLast || !isPassing) throw toError(outcome, problem, call);
    } else if (isLast) throw outcome;
    const asked = outcome instanceof ConnectionError ? null : outcome.retryAfterMs;
    await settings.wait(waitMs(settings, retries, asked), call.signal);
  }
}

/** As long as the service asks for; otherwise half a second, doubled each time, with jitter so that many callers do not come back at once. */
function waitMs({ random }: Exchange, retries: number, askedMs: number | null): number {
  if (askedMs !== null) return Math.min(askedMs, LONGEST_WAIT_MS);
  return Math.min(FIRST_WAIT_MS * 2 ** retries, LONGEST_WAIT_MS) * (0.5 + random() / 2);
}

async function attempt(settings: Exchange, { method, path, body, idempotencyKey, signal }: Call): Promise<Reply | ConnectionError> {
  signal?.throwIfAborted();
  // Not AbortSignal.any, which Node 18 lacks.
  const giveUp = new AbortController();
  const abort = (): void => giveUp.abort();
  const timer = setTimeout(abort, settings.timeoutMs);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const response = await settings.fetch(`${settings.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${settings.secretKey}`,
        Accept: "application/json",
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(idempotencyKey !== null && { "Idempotency-Key": idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: giveUp.signal,
      // A redirect would carry the key elsewhere.
      redirect: "error",
    });
    const text = await response.text();
    return { status: response.status, retryAfterMs: retryAfterOf(response), body: parse(text, response.status) };
  } catch (error) {
    signal?.throwIfAborted();
    const why = giveUp.signal.aborted
      ? `gave no answer within ${settings.timeoutMs} ms`
      : "could not be reached, or its answer was not readable";
    return new ConnectionError(`SomoPay at ${settings.url} ${why}`, idempotencyKey, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** @throws SyntaxError if a success is not JSON: then it is not SomoPay that answered */
function parse(text: string, status: number): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (status < 400) throw error;
    return undefined;
  }
}

function retryAfterOf(response: { headers: { get(name: string): string | null } }): number | null {
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}

function toProblem(body: unknown): Problem | null {
  const isProblem =
    typeof body === "object" && body !== null && "code" in body && typeof body.code === "string" && "detail" in body && "status" in body;
  // The service's own tests hold it to the rest.
  return isProblem ? (body as unknown as Problem) : null;
}

function toError({ status, retryAfterMs }: Reply, problem: Problem | null, { idempotencyKey }: Call): Error {
  if (problem === null) return new ConnectionError(`something before SomoPay answered ${status}`, idempotencyKey);
  return problem.status === 429 ? new RateLimitError(problem, retryAfterMs ?? FIRST_WAIT_MS) : new ApiError(problem);
}
