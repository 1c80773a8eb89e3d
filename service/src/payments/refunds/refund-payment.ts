/** Refunds: the owner asks, Safaricom reverses the payment, and only its confirmation makes the payment `refunded`. */
import type { PaymentStatus, RefundStatus, RefundView } from "../../contract.ts";
import type { CommandReply, ReversalOutcome } from "../../daraja/daraja-types.ts";
import { ServiceError } from "../../platform/errors.ts";
import { hashSecret } from "../../platform/ids.ts";
import type { IdempotencyClaim } from "../../platform/idempotency.ts";
import type { Attempt } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { recordOutcome, type Recorder } from "../record-outcome.ts";
import type { Refund } from "./refund-store.ts";

/** What a refund and its result need. */
export type Refunder = Recorder & Pick<PaymentsDependencies, "daraja" | "refunds" | "accounts" | "resultUrl">;

export type RefundRequest = {
  paymentId: string;
  /** Only this site's payments; null: the operator asks, for any site. */
  siteId: string | null;
  /** For the M-Pesa statement. */
  remarks: string;
  /** Who asks for it, and why; kept in the payment's history. */
  decision: { actor: string; note: string | null };
  claim: IdempotencyClaim | null;
};

/**
 * Results come within seconds. If a request is this old and unanswered, it may be repeated: Safaricom reverses a transaction only once and answers
 * R000001 the second time, so the money cannot be given back twice.
 */
export const REFUND_ANSWER_AWAITED_MS = 2 * 60_000;
const MOST_AT_ONCE = 100;
const AWAITED: readonly RefundStatus[] = ["requested", "sent"];
/** States that a late result may still end. */
const UNDECIDED: readonly RefundStatus[] = ["requested", "sent", "unknown"];

/**
 * Commits the refund, then sends it to Safaricom, once. The result comes to the refund's own secret address.
 * @throws ServiceError `payment_not_found`, `refunds_not_set_up`, `not_refundable`, `refund_open`, `refund_refused`
 */
export async function startRefund(refunder: Refunder, request: RefundRequest): Promise<RefundView> {
  const { ids, now, refunds } = refunder;
  const { attempt, receipt } = await loadRefundable(refunder, request);
  // Only the account that has the money can give it back, whatever the site uses now.
  const account = await refunder.accounts.ofPayment(attempt);
  if (!account?.credentials.initiator) throw new ServiceError("refunds_not_set_up");
  const secret = ids.secret();
  const nowMs = now();
  const refund: Refund = {
    id: ids.next("rf"),
    siteId: attempt.siteId,
    paymentId: attempt.id,
    receipt,
    amountKes: attempt.amountKes,
    mpesaAccountId: account.id,
    status: "requested",
    resultSecretHash: hashSecret(secret),
    conversationId: null,
    resultCode: null,
    note: null,
    actor: request.decision.actor,
    reason: request.decision.note,
    requestedAtMs: nowMs,
    endedAtMs: null,
  };
  const begun = await refunds.begin(refund, nowMs - REFUND_ANSWER_AWAITED_MS, request.claim);
  if (begun === "open") throw new ServiceError("refund_open", { retryAfterMs: REFUND_ANSWER_AWAITED_MS });
  if (begun === "not_paid") throw notPaid("refunded");
  const { resultUrl } = refunder;
  const reply = await refunder.daraja.reverse(
    account.credentials,
    { receipt, amountKes: refund.amountKes, remarks: request.remarks },
    { resultUrl: `${resultUrl}/result/${secret}`, timeoutUrl: `${resultUrl}/timeout/${secret}` },
  );
  await noteReply(refunder, refund, reply);
  return viewRefund(refunder, refund.id);
}

/** Also for a first caller that died after its commit: it may have asked Safaricom, so the result decides. */
export async function viewRefund({ refunds }: Pick<Refunder, "refunds">, refundId: string): Promise<RefundView> {
  const refund = await refunds.byId(refundId);
  if (!refund) throw new Error(`refund ${refundId} does not exist`);
  return toRefundView(refund);
}

export function toRefundView({
  id,
  paymentId,
  receipt,
  amountKes,
  status,
  resultCode,
  note,
  requestedAtMs,
  endedAtMs,
}: Refund): RefundView {
  return {
    refundId: id,
    paymentId,
    receipt,
    amount: amountKes,
    currency: "KES",
    status,
    ...(resultCode !== null && { resultCode }),
    ...(note !== null && { note }),
    requestedAt: requestedAtMs,
    ...(endedAtMs !== null && { endedAt: endedAtMs }),
  };
}

async function loadRefundable({ store }: Recorder, { paymentId, siteId }: RefundRequest): Promise<{ attempt: Attempt; receipt: string }> {
  const file = await store.loadByAttempt(paymentId);
  const attempt = file?.attempts.find(({ id }) => id === paymentId);
  if (!attempt || (siteId !== null && attempt.siteId !== siteId)) throw new ServiceError("payment_not_found");
  const { status, receipt } = attempt;
  if (status !== "paid") throw notPaid(status);
  // A reversal needs the receipt. It may still come with a late callback, a C2B confirmation, or the code from the payer's SMS.
  if (receipt === null) throw new ServiceError("not_refundable", { detail: "The payment has no M-Pesa receipt yet." });
  return { attempt, receipt };
}

function notPaid(status: PaymentStatus): ServiceError {
  return new ServiceError("not_refundable", { detail: `The payment is ${status}; only a paid one can be refunded.` });
}

async function noteReply({ refunds, logger, metrics, now }: Refunder, refund: Refund, reply: CommandReply): Promise<void> {
  switch (reply.kind) {
    case "accepted":
      await refunds.step(refund.id, ["requested"], { status: "sent", conversationId: reply.conversationId, endedAtMs: null });
      return;
    case "unclear":
      logger.warn({ refundId: refund.id, message: reply.message }, "refund: no clear reply; the result may still come");
      await refunds.step(refund.id, ["requested"], { status: "sent", note: reply.message, endedAtMs: null });
      return;
    case "refused": {
      const { code, message, reason } = reply;
      await refunds.step(refund.id, ["requested"], { status: "failed", resultCode: code, note: message, endedAtMs: now() });
      metrics.refunded("failed");
      logger.warn({ refundId: refund.id, code, message }, "refund refused by Safaricom");
      throw new ServiceError("refund_refused", { detail: `Safaricom refused: ${message}`, reason });
    }
  }
}

/** Processes Safaricom's result of a refund. `done` makes the payment `refunded`. Safe to repeat. */
export async function settleRefund(
  refunder: Refunder,
  refund: Refund,
  outcome: ReversalOutcome | "timeout",
): Promise<"verified" | "duplicate" | "unverified"> {
  const { refunds, logger, metrics, now } = refunder;
  if (outcome === "timeout" || outcome.kind === "unreadable") {
    const note = outcome === "timeout" ? "Safaricom's queue gave the request up" : outcome.why;
    logger.error({ refundId: refund.id, note }, "refund without a clear answer: check the M-Pesa statement, or ask again");
    await refunds.step(refund.id, AWAITED, { status: "unknown", note, endedAtMs: now() });
    return outcome === "timeout" ? "verified" : "unverified";
  }
  const { code, message } = outcome;
  if (outcome.kind === "done") {
    const { paymentId: attemptId, actor, reason } = refund;
    const note = reason === null ? refund.id : `${refund.id}: ${reason}`;
    await recordOutcome(refunder, { attemptId, event: { type: "refunded" }, source: "reversal", note, ...(actor !== null && { actor }) });
    const isNew = await refunds.step(refund.id, UNDECIDED, { status: "done", resultCode: code, note: message, endedAtMs: now() });
    if (isNew) metrics.refunded("done");
    return isNew ? "verified" : "duplicate";
  }
  const isNew = await refunds.step(refund.id, UNDECIDED, { status: "failed", resultCode: code, note: message, endedAtMs: now() });
  if (!isNew) return "duplicate";
  metrics.refunded("failed");
  if (outcome.isMisconfigured)
    logger.error({ refundId: refund.id, code, message }, "Safaricom refuses refunds: the initiator is not set up");
  else logger.warn({ refundId: refund.id, code, message }, "refund failed");
  return "verified";
}

/** A refund without an answer is shown to the owner as `unknown`. It may be requested again, and a late result still decides. */
export async function endOverdueRefunds({ refunds, logger, metrics, now }: Refunder): Promise<boolean> {
  const overdue = await refunds.overdue(now() - REFUND_ANSWER_AWAITED_MS, MOST_AT_ONCE);
  for (const { id } of overdue) {
    if (!(await refunds.step(id, AWAITED, { status: "unknown", note: "no answer came", endedAtMs: now() }))) continue;
    metrics.refunded("unknown");
    logger.error({ refundId: id }, "refund without a clear answer: check the M-Pesa statement, or ask again");
  }
  return overdue.length >= MOST_AT_ONCE;
}
