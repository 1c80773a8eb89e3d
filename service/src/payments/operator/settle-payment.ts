import { readReceipt } from "../../daraja/untrusted-json.ts";
import { ServiceError } from "../../platform/errors.ts";
import type { Attempt, PaymentEvent } from "../payment.ts";
import { recordOutcome, type Decision, type Recorder } from "../record-outcome.ts";

export type Settlement = {
  paymentId: string;
  /** Only this site's payments; null: the operator settles, for any site. */
  siteId: string | null;
  /** `receipt`: as the M-Pesa statement shows it. null: it was not paid. */
  receipt: string | null;
  decision: Decision;
};

/**
 * A person decides what Safaricom does not tell: that a payment was paid, with its receipt, or that it was not. Money that arrives later still counts.
 * @throws ServiceError `payment_not_found`, `code_invalid`, `receipt_used`, `not_settleable`
 */
export async function settlePayment(recorder: Recorder, { paymentId, siteId, receipt, decision }: Settlement): Promise<Attempt> {
  const file = await recorder.store.loadByAttempt(paymentId);
  const attempt = file?.attempts.find(({ id }) => id === paymentId);
  if (!attempt || (siteId !== null && attempt.siteId !== siteId)) throw new ServiceError("payment_not_found");
  const event = eventOf(attempt, receipt);
  const source = siteId === null ? "operator" : "owner";
  const { kind, attempt: after } = await recordOutcome(recorder, { attemptId: paymentId, event, source, ...decision });
  if (kind === "receipt_taken") throw new ServiceError("receipt_used");
  if (kind === "unchanged") throw new ServiceError("not_settleable", { detail: `The payment is ${after.status} already.` });
  return after;
}

function eventOf({ checkoutRequestId }: Attempt, typed: string | null): PaymentEvent {
  if (typed === null) return { type: "settled_not_paid" };
  const receipt = readReceipt(typed);
  if (receipt === null) throw new ServiceError("code_invalid", { errors: [{ field: "receipt", message: "not an M-Pesa receipt" }] });
  return { type: "paid", receipt, paidAtMs: null, checkoutRequestId };
}
