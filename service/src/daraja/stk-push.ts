/** Builds the push and classifies its reply: can a prompt be on the payer's phone? */
import { AMOUNT_MAX_KES } from "../contract.ts";
import { isMissingProduct, isRateLimit, isTokenFault, isWrongCredentials, readErrorBody } from "./daraja-errors.ts";
import { toNairobiStamp } from "./nairobi-time.ts";
import { BUSY_RETRY_MS } from "./result-codes.ts";
import { own, parseObject, readCode, readId, safeText } from "./untrusted-json.ts";
import type { ErrorBody } from "./daraja-errors.ts";
import type { DarajaCredentials, PushReply, PushRequest } from "./daraja-types.ts";

export const PUSH_PATH = "/mpesa/stkpush/v1/processrequest";

/** Safaricom's limits; it accepts longer values and then fails in odd ways. */
const REFERENCE_MAX = 12;
const DESCRIPTION_MAX = 13;

type Refused = Extract<PushReply, { kind: "refused" }>;

/** Why this request must not be sent, or null. Safaricom would refuse it anyway, after seconds of waiting. */
export function problemWithPush(request: PushRequest): string | null {
  if (!Number.isSafeInteger(request.amountKes) || request.amountKes < 1 || request.amountKes > AMOUNT_MAX_KES) {
    return `the amount must be 1 to ${AMOUNT_MAX_KES} whole shillings`;
  }
  if (!/^254[17]\d{8}$/.test(request.phone)) return "the phone number must be 254, then 7 or 1, then eight digits";
  if (!URL.canParse(request.callbackUrl)) return "the callback URL is not a URL";
  return null;
}

/** The password is the base64 of shortcode, passkey and timestamp; `Timestamp` must be the same. */
export function passwordFields(credentials: DarajaCredentials, nowMs: number) {
  const timestamp = toNairobiStamp(nowMs);
  return {
    BusinessShortCode: credentials.shortcode,
    Password: Buffer.from(credentials.shortcode + credentials.passkey + timestamp).toString("base64"),
    Timestamp: timestamp,
  };
}

export function buildPushBody(credentials: DarajaCredentials, request: PushRequest, nowMs: number) {
  return {
    ...passwordFields(credentials, nowMs),
    TransactionType: credentials.till === undefined ? "CustomerPayBillOnline" : "CustomerBuyGoodsOnline",
    Amount: request.amountKes,
    PartyA: request.phone,
    PartyB: credentials.till ?? credentials.shortcode,
    PhoneNumber: request.phone,
    CallBackURL: request.callbackUrl,
    AccountReference: plainText(request.accountReference, REFERENCE_MAX, "SomoPay"),
    // Safaricom refuses a missing description ("Invalid Remarks"), so an empty one needs a default.
    TransactionDesc: plainText(request.description, DESCRIPTION_MAX, "Lesson"),
  };
}

/** Only letters, digits, spaces and hyphens survive every hop to an SMS. Removes accents and everything else. */
function plainText(text: string, maxLength: number, standIn: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9 -]+/g, " ")
    .replace(/ {2,}/g, " ")
    .trim()
    .slice(0, maxLength)
    .trim();
  return plain === "" ? standIn : plain;
}

/**
 * Reads the body first, and the HTTP status only if the body says nothing: errors also come with 200, and a gateway's HTML with any status.
 * `refused` only if a rule says that nothing reached the payer; everything else is `unclear`.
 */
export function classifyPushReply(httpStatus: number, bodyText: string): PushReply {
  const body = parseObject(bodyText);
  const error = readErrorBody(body);
  const checkoutRequestId = readId(own(body, "CheckoutRequestID"));
  if (checkoutRequestId !== null) {
    const code = readCode(own(body, "ResponseCode"));
    if (error === null && code === "0")
      return { kind: "accepted", checkoutRequestId, merchantRequestId: readId(own(body, "MerchantRequestID")) };
    return unclear(`HTTP ${httpStatus} with an id but ResponseCode ${code ?? "missing"}${error ? ` and error ${error.code}` : ""}`);
  }
  return (error && classifyError(error)) ?? classifyStatus(httpStatus, error);
}

function classifyError(error: ErrorBody): PushReply | null {
  const { code, text } = error;
  if (isTokenFault(error)) return refused("busy", error);
  if (isRateLimit(error)) return refused("busy", error, BUSY_RETRY_MS);
  if (isMissingProduct(error) || isWrongCredentials(error)) return refused("misconfigured", error);
  if (error.from === "gateway") return null;
  if (/unable to lock subscriber/i.test(text)) return refused("busy", error, BUSY_RETRY_MS);
  if (code === "500.003.02" || code === "500.003.03" || code.startsWith("429.")) return refused("busy", error, BUSY_RETRY_MS);
  if (code.startsWith("400.")) return refused(invalidFieldReason(text), error);
  if (/^40[1345]\./.test(code)) return refused("misconfigured", error);
  // 500.003.1001 and undocumented codes: the push may have gone through before the failure.
  return unclear(`${code} ${safeText(text)}`.trim());
}

/** `rejected` for input by the parent; `misconfigured` for settings of the owner or the operator. */
function invalidFieldReason(text: string): Refused["reason"] {
  return /Invalid (BusinessShortCode|PartyB|Password|TransactionType|CallBackURL)/i.test(text) ? "misconfigured" : "rejected";
}

/** Without a known error code: these statuses mean that the server did not act on the request. */
function classifyStatus(httpStatus: number, error: ErrorBody | null): PushReply {
  const named = error ?? { code: `http_${httpStatus}`, text: `HTTP ${httpStatus} without a readable error` };
  if (httpStatus === 429) return refused("busy", named, BUSY_RETRY_MS);
  if ([401, 403, 404, 405].includes(httpStatus)) return refused("misconfigured", named);
  if ([400, 411, 413, 414, 415, 422, 431].includes(httpStatus)) return refused("rejected", named);
  return unclear(`HTTP ${httpStatus}${error ? ` ${error.code} ${safeText(error.text)}` : " without a readable body"}`);
}

function refused(reason: Refused["reason"], error: Pick<ErrorBody, "code" | "text">, retryAfterMs?: number): Refused {
  const reply: Refused = { kind: "refused", reason, code: error.code === "" ? null : error.code, message: safeText(error.text) };
  return retryAfterMs === undefined ? reply : { ...reply, retryAfterMs };
}

function unclear(message: string): PushReply {
  return { kind: "unclear", message };
}
