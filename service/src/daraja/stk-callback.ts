/** Parses an STK callback. What the body does not say clearly stays open and is settled by a status query. */
import { fromNairobiStamp } from "./nairobi-time.ts";
import { IN_PROGRESS_CODE, PAID_CODE, reasonForCallback } from "./result-codes.ts";
import { isObject, own, parseObject, readCode, readId, readNamedValues, readReceipt, readShillings, safeText } from "./untrusted-json.ts";
import type { UntrustedObject } from "./untrusted-json.ts";
import type { StkCallback } from "./daraja-types.ts";

type Outcome = StkCallback["outcome"];

/**
 * Never throws. `unreadable` covers text that is not a callback, contradictions, and 4999 ("still in progress"): none of them is an outcome.
 * If a key appears twice, the last one counts, as in every JSON parser.
 */
export function parseStkCallback(body: string): StkCallback {
  const callback = own(own(parseObject(body), "Body"), "stkCallback");
  if (!isObject(callback)) {
    return { checkoutRequestId: null, merchantRequestId: null, outcome: { kind: "unreadable", why: "not an STK callback" } };
  }
  return {
    checkoutRequestId: readId(own(callback, "CheckoutRequestID")),
    merchantRequestId: readId(own(callback, "MerchantRequestID")),
    outcome: readOutcome(callback),
  };
}

function readOutcome(callback: UntrustedObject): Outcome {
  const code = readCode(own(callback, "ResultCode"));
  if (code === null) return { kind: "unreadable", why: "no readable ResultCode" };
  if (code === IN_PROGRESS_CODE) return { kind: "unreadable", why: "still in progress (4999)" };
  const items = readNamedValues(own(own(callback, "CallbackMetadata"), "Item"), "Name");
  if (code === PAID_CODE) {
    return {
      kind: "paid",
      amountKes: readShillings(items.get("Amount")),
      receipt: readReceipt(items.get("MpesaReceiptNumber")),
      paidAtMs: fromNairobiStamp(items.get("TransactionDate")),
      phone: readPhone(items.get("PhoneNumber")),
    };
  }
  // A failed payment has no receipt. With one, money may have moved, so it is not a failure until a status query says so.
  if (readReceipt(items.get("MpesaReceiptNumber")) !== null) return { kind: "unreadable", why: `code ${code} together with a receipt` };
  return { kind: "failed", code, ...reasonForCallback(code), message: safeText(own(callback, "ResultDesc")) };
}

/** Digits, or digits with the middle masked (`254708***430`). */
function readPhone(value: unknown): string | null {
  const phone = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  return /^\+?[\d*•xX]{6,20}$/.test(phone) ? phone : null;
}
