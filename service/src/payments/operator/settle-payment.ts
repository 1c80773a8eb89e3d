import { readReceipt } from "../../daraja/untrusted-json.ts";
import { ServiceError } from "../../platform/errors.ts";
import type { IdempotencyClaim } from "../../platform/idempotency.ts";
import type { Attempt, PaymentEvent } from "../payment.ts";
import type { Decision } from "../decision.ts";
import { recordOutcome, type Recorder } from "../record-outcome.ts";

/**
 * `paid`: with its receipt, as the M-Pesa statement shows it. `refunded`: all of its money was given back by hand. `kept`: its money stays as it is, by
 * agreement, although the booking does not need it.
 */
export type SettledOutcome = { kind: "paid"; receipt: string } | { kind: "not_paid" | "refunded" | "kept" };

export type Settlement = {
  paymentId: string;
  /** Only this site's payments; null: the operator settles, for any site. */
  siteId: string | null;
  outcome: SettledOutcome;
  decision: Decision;
  /** Noted in the same transaction. */
  claim?: IdempotencyClaim | null;
};

/**
 * A person decides what Safaricom does not tell: that a payment was paid, with its receipt, or that it was not (money that arrives later still counts);
 * and what becomes of money that the booking does not need.
 * @throws ServiceError `payment_not_found`, `code_invalid`, `receipt_used`, `not_settleable`
 */
export async function settlePayment(
  recorder: Recorder,
  { paymentId, siteId, outcome, decision, claim = null }: Settlement,
): Promise<Attempt> {
  const file = await recorder.store.loadByAttempt(paymentId);
  const attempt = file?.attempts.find(({ id }) => id === paymentId);
  if (!attempt || (siteId !== null && attempt.siteId !== siteId)) throw new ServiceError("payment_not_found");
  const event = eventOf(attempt, outcome);
  const source = siteId === null ? "operator" : "owner";
  const { kind, attempt: after } = await recordOutcome(recorder, { attemptId: paymentId, event, source, claim, ...decision });
  if (kind === "receipt_taken") throw new ServiceError("receipt_used");
  if (kind === "unchanged") throw new ServiceError("not_settleable", { detail: whyNot(after, outcome) });
  return after;
}

function whyNot({ status, keptAtMs }: Attempt, { kind }: SettledOutcome): string {
  if (kind === "kept" && status === "paid" && keptAtMs !== null) return "It was decided already that the money stays as it is.";
  return kind === "kept" || kind === "refunded"
    ? `The payment is ${status}: there is no money to decide about.`
    : `The payment is ${status} already.`;
}

function eventOf({ checkoutRequestId }: Attempt, outcome: SettledOutcome): PaymentEvent {
  if (outcome.kind === "not_paid") return { type: "settled_not_paid" };
  if (outcome.kind !== "paid") return { type: outcome.kind };
  const receipt = readReceipt(outcome.receipt);
  if (receipt === null) throw new ServiceError("code_invalid", { errors: [{ field: "receipt", message: "not an M-Pesa receipt" }] });
  return { type: "paid", receipt, paidAtMs: null, checkoutRequestId };
}
