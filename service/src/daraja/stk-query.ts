/** Builds the status query and classifies its answer: paid only on 0, failed only on a known code; everything else leaves the attempt open. */
import { isRateLimit, isTokenFault, readErrorBody } from "./daraja-errors.ts";
import { IN_PROGRESS_CODE, PAID_CODE, reasonForQuery } from "./result-codes.ts";
import { passwordFields } from "./stk-push.ts";
import { own, parseObject, readCode, safeText } from "./untrusted-json.ts";
import type { ErrorBody } from "./daraja-errors.ts";
import type { DarajaCredentials, QueryAnswer } from "./daraja-types.ts";
import type { UntrustedObject } from "./untrusted-json.ts";

export const QUERY_PATH = "/mpesa/stkpushquery/v1/query";

/** The sandbox allows five per minute with a burst of one (measured), which is one every 12 s. */
const THROTTLE_MS = 12_000;
const THROTTLE_MIN_MS = 1_000;
const THROTTLE_MAX_MS = 60_000;

export function buildQueryBody(credentials: DarajaCredentials, checkoutRequestId: string, nowMs: number) {
  return { ...passwordFields(credentials, nowMs), CheckoutRequestID: checkoutRequestId };
}

/** `askedId`: the CheckoutRequestID of the query. An answer for another one decides nothing. */
export function classifyQueryAnswer(httpStatus: number, bodyText: string, askedId: string): QueryAnswer {
  const body = parseObject(bodyText);
  const error = readErrorBody(body);
  if (httpStatus === 429 || (error && isRateLimit(error))) return { kind: "throttled", retryAfterMs: throttleMs(error) };
  if (body && own(body, "ResultCode") !== undefined) return classifyResult(httpStatus, body, error, askedId);
  if (error) return classifyError(error);
  return { kind: "pending", message: `HTTP ${httpStatus} without a readable answer` };
}

function classifyResult(httpStatus: number, body: UntrustedObject, error: ErrorBody | null, askedId: string): QueryAnswer {
  const code = readCode(own(body, "ResultCode"));
  const message = safeText(own(body, "ResultDesc"));
  const namedId = own(body, "CheckoutRequestID");
  if (typeof namedId === "string" ? namedId.trim() !== askedId : namedId !== undefined && namedId !== null) {
    return { kind: "unrecognised", code, message: "the answer is for another payment" };
  }
  const responseCode = own(body, "ResponseCode");
  const taken = responseCode === undefined || readCode(responseCode) === "0";
  if (httpStatus < 200 || httpStatus > 299 || error || !taken || code === null) {
    return { kind: "unrecognised", code, message: `HTTP ${httpStatus}, a contradictory answer. ${message}`.trim() };
  }
  if (code === PAID_CODE) return { kind: "paid" };
  if (code === IN_PROGRESS_CODE) return { kind: "pending", message };
  const meaning = reasonForQuery(code);
  return meaning ? { kind: "failed", code, ...meaning, message } : { kind: "unrecognised", code, message };
}

function classifyError(error: ErrorBody): QueryAnswer {
  const message = `${error.code} ${safeText(error.text)}`.trim();
  return isInFlight(error) ? { kind: "pending", message } : { kind: "unrecognised", code: error.code === "" ? null : error.code, message };
}

/** Errors observed for payments still in progress, and errors about the call rather than the payment. */
function isInFlight(error: ErrorBody): boolean {
  const { code, text } = error;
  if (isTokenFault(error)) return true;
  // "does not exist" was the answer to 4 of 19 queries for a payment that existed.
  if (code === "500.001.1001") return text.trim() === "" || /being processed|transaction does not exist/i.test(text);
  if (code === "400.002.02") return /Invalid CheckoutRequestID/i.test(text);
  return code === "500.003.02" || code === "500.003.1001" || /GatewayTimeout|ServiceUnavailable|APITimedOut/i.test(code);
}

/** The gateway states its rate: wait for one slot of it. */
function throttleMs(error: ErrorBody | null): number {
  const rate = /messagesPerPeriod=(\d{1,9}), periodInMicroseconds=(\d{1,15})/.exec(error?.text ?? "");
  const slotMs = rate ? Number(rate[2]) / 1000 / Number(rate[1]) : THROTTLE_MS;
  return Number.isFinite(slotMs) ? Math.min(THROTTLE_MAX_MS, Math.max(THROTTLE_MIN_MS, Math.ceil(slotMs))) : THROTTLE_MS;
}
