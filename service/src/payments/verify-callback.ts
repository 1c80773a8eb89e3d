import type { StkCallback } from "../daraja/daraja-types.ts";
import type { Attempt, PaymentEvent } from "./payment.ts";

/** Where a callback came in: on whose address, and from where. */
export type CallbackOrigin = { secretMatches: boolean; addressAllowed: boolean };

/** `isIncomplete`: it says too little, and nothing that contradicts the attempt. */
export type Judgement = { kind: "believe"; event: PaymentEvent } | { kind: "doubt"; why: string; isIncomplete: boolean };

/**
 * Whether a callback may be believed. Safaricom signs nothing, so it counts only on the attempt's own secret address and when everything that it
 * says agrees with the attempt. Whatever is doubted is settled by asking Safaricom.
 */
export function judgeCallback(callback: StkCallback, attempt: Attempt, { secretMatches, addressAllowed }: CallbackOrigin): Judgement {
  if (!secretMatches) return doubt("it did not come in on the attempt's own address");
  if (!addressAllowed) return doubt("it came from an address that is not Safaricom's");
  if (callback.checkoutRequestId === null) return doubt("it does not say which prompt it is about");
  if (attempt.checkoutRequestId !== null && attempt.checkoutRequestId !== callback.checkoutRequestId)
    return doubt("it is about another prompt");
  const { checkoutRequestId, outcome } = callback;
  switch (outcome.kind) {
    case "unreadable":
      return doubt(outcome.why);
    case "failed": {
      const { code, reason, retryAfterMs } = outcome;
      return {
        kind: "believe",
        event: { type: "failed", code, reason, checkoutRequestId, ...(retryAfterMs !== undefined && { retryAfterMs }) },
      };
    }
    case "paid":
      if (outcome.amountKes === null) return { ...doubt("it does not say the amount"), isIncomplete: true };
      if (outcome.amountKes !== attempt.amountKes)
        return doubt(`it says KES ${outcome.amountKes} and the attempt was for KES ${attempt.amountKes}`);
      return { kind: "believe", event: { type: "paid", receipt: outcome.receipt, paidAtMs: outcome.paidAtMs, checkoutRequestId } };
  }
}

function doubt(why: string) {
  return { kind: "doubt", why, isIncomplete: false } as const;
}
