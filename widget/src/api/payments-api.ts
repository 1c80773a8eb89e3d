/** The calls to the service. Every way in which they end is a value: nothing here throws. */
import type { BookingView } from "./contract.ts";
import { isRecord, parseBooking, parseReason } from "./parse-booking.ts";
import type { Problem } from "../checkout/problem.ts";

/** The service itself waits up to half a minute for Safaricom before it answers 202. */
const PAY_TIMEOUT_MS = 45_000;
const READ_TIMEOUT_MS = 10_000;
/** When the service says "later" and the browser may not read its Retry-After. */
const DEFAULT_RETRY_MS = 60_000;
const IN_PROGRESS_RETRY_MS = 1_000;

export interface PayRequest {
  bookingId: string;
  /** `2547XXXXXXXX`. */
  phone: string;
  /** The whole shillings that the page promised; the service refuses when the booking costs something else. */
  amount?: number | undefined;
}

export type Answer =
  | { kind: "booking"; booking: BookingView }
  /** Decided, and no prompt is on its way. `booking` is the service's view after it. */
  | { kind: "refused"; problem: Problem | "phone"; code?: unknown; booking?: BookingView | undefined; retryAfterMs?: number | undefined }
  /** Another prompt cannot be sent yet. */
  | { kind: "too_soon"; booking: BookingView; retryAfterMs?: number | undefined }
  /** The same request is being worked on: repeat it after this time. */
  | { kind: "wait"; retryAfterMs: number }
  /** No readable answer: the service may or may not have received the request. */
  | { kind: "lost" };

export interface PaymentsApi {
  /** Reads the booking as it stands. */
  readBooking(bookingId: string): Promise<Answer>;
  /** Asks for a prompt. Repeating it with the same `idempotencyKey` never causes a second prompt. */
  pay(request: PayRequest, idempotencyKey: string): Promise<Answer>;
  /** Any other call that answers with a booking. */
  post(path: string, body: object, headers: Record<string, string>): Promise<Answer>;
  /** The site's price list, as the service sends it. */
  readSessionTypes(siteKey: string): Promise<unknown>;
  /** Where the booking's changes are streamed. */
  streamUrl(bookingId: string): string;
  origin: string;
}

/** What the service's refusals mean. Any other status says itself, with a `reason`, why no prompt is on its way. */
const problemOfStatus: Partial<Record<number, Problem>> = {
  400: "misconfigured",
  403: "not_allowed",
  404: "not_found",
  422: "amount_changed",
  429: "too_many",
};

function refusal({ status, headers }: Response, { code, errors, reason, booking }: Record<string, unknown>): Answer {
  const seconds = headers.get("Retry-After");
  const waitMs = seconds && +seconds >= 0 ? +seconds * 1_000 : undefined;
  if (status === 409) {
    if (code === "idempotency_in_progress") return { kind: "wait", retryAfterMs: waitMs ?? IN_PROGRESS_RETRY_MS };
    const answer = known(booking);
    return code === "prompt_too_soon" && answer.kind === "booking" ? { ...answer, kind: "too_soon", retryAfterMs: waitMs } : answer;
  }
  const problem = problemOfStatus[status] ?? parseReason(reason);
  if (!problem) return { kind: "lost" };
  // The service names the field that it did not take.
  const phone = (status === 400 || status === 422) && /phone/.test(JSON.stringify([code, errors]));
  return {
    kind: "refused",
    problem: phone ? "phone" : problem,
    code,
    booking: parseBooking(booking),
    retryAfterMs: waitMs ?? (status === 429 ? DEFAULT_RETRY_MS : undefined),
  };
}

/** Old libraries (Prototype 1.6) give strings a `toJSON` that puts quotes around them; this takes the value from before that. */
function asItIs(this: Record<string, unknown>, key: string): unknown {
  return this[key];
}

function known(view: unknown): Answer {
  const booking = parseBooking(view);
  return booking ? { kind: "booking", booking } : { kind: "lost" };
}

/** `origin` is the service's, such as `https://pay.example.com`. */
export function createPaymentsApi(origin: string, fetchFrom: typeof fetch = (...request) => fetch(...request)): PaymentsApi {
  async function call(path: string, timeoutMs: number, init?: RequestInit): Promise<Answer> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const response = await fetchFrom(origin + path, { ...init, credentials: "omit", cache: "no-store", signal: abort.signal });
      const json: unknown = await response.json().catch(() => undefined);
      const body = isRecord(json) ? json : {};
      // A read answers with the booking itself, a request to pay with the booking as its `data`.
      return response.ok ? known(body["data"] ?? body) : refusal(response, body);
    } catch {
      return { kind: "lost" };
    } finally {
      clearTimeout(timer);
    }
  }
  const post = (path: string, body: object, headers: Record<string, string>) =>
    call(path, PAY_TIMEOUT_MS, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body, asItIs),
    });
  return {
    // Each read has an address of its own: a page's service worker that looks into its cache first would show what was true once.
    readBooking: (bookingId) => call(`/api/booking/${encodeURIComponent(bookingId)}?at=${Date.now()}`, READ_TIMEOUT_MS),
    pay: (request, idempotencyKey) => post("/api/pay/mpesa", request, { "Idempotency-Key": idempotencyKey }),
    post,
    readSessionTypes: (siteKey) =>
      fetchFrom(`${origin}/api/session-types`, { headers: { "X-Site-Key": siteKey }, credentials: "omit" })
        .then((response): Promise<unknown> => response.json())
        .catch(() => undefined),
    origin,
    streamUrl: (bookingId) => `${origin}/api/payment-status/${encodeURIComponent(bookingId)}`,
  };
}

/** 128 random bits; `crypto.randomUUID` exists on https pages only, and not in older browsers. */
export function createIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((word) => word.toString(16).padStart(8, "0")).join("");
}
