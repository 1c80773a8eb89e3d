import type { StkCallback } from "../daraja/daraja-types.ts";
import type { Attempt, PaymentEvent } from "./payment.ts";

/** Where a callback came in: on the attempt's own address or not, and from which caller. */
export type CallbackOrigin = { secretMatches: boolean; isTrustedCaller: boolean };

/** `isIncomplete`: something is missing, but nothing contradicts the attempt. */
export type Verification = { kind: "verified"; event: PaymentEvent } | { kind: "unverified"; why: string; isIncomplete: boolean };

/**
 * Decides whether a callback counts. Safaricom signs nothing, so it counts only on the attempt's own secret address, and if everything in it agrees
 * with the attempt. Otherwise Safaricom is queried instead.
 */
export function verifyCallback(callback: StkCallback, attempt: Attempt, { secretMatches, isTrustedCaller }: CallbackOrigin): Verification {
  if (!secretMatches) return unverified("it did not come in on the attempt's own address");
  if (!isTrustedCaller) return unverified("it came from an address that is not Safaricom's");
  if (callback.checkoutRequestId === null) return unverified("it does not say which prompt it is about");
  if (attempt.checkoutRequestId !== null && attempt.checkoutRequestId !== callback.checkoutRequestId)
    return unverified("it is about another prompt");
  const { checkoutRequestId, outcome } = callback;
  switch (outcome.kind) {
    case "unreadable":
      return unverified(outcome.why);
    case "failed": {
      const { code, reason, retryAfterMs } = outcome;
      return {
        kind: "verified",
        event: { type: "failed", code, reason, checkoutRequestId, ...(retryAfterMs !== undefined && { retryAfterMs }) },
      };
    }
    case "paid":
      if (outcome.amountKes === null) return { ...unverified("it does not say the amount"), isIncomplete: true };
      if (outcome.amountKes !== attempt.amountKes)
        return unverified(`it says KES ${outcome.amountKes} and the attempt was for KES ${attempt.amountKes}`);
      return { kind: "verified", event: { type: "paid", receipt: outcome.receipt, paidAtMs: outcome.paidAtMs, checkoutRequestId } };
  }
}

function unverified(why: string) {
  return { kind: "unverified", why, isIncomplete: false } as const;
}
