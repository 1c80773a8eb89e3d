import type { StkCallback } from "../daraja/daraja-types.ts";
import { parseStkCallback } from "../daraja/stk-callback.ts";
import { recordMoney } from "./c2b/record-money.ts";
import { hasClaimed, type Attempt } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { recordOutcome } from "./record-outcome.ts";
import { decodeBody, type CallbackFinding, type StoredCallback, type Verdict } from "./store/callback-inbox.ts";
import { verifyCallback } from "./verify-callback.ts";

/**
 * An unverified callback makes us query Safaricom, but at most this often per attempt: forged callbacks must not use up the query budget.
 */
const QUERY_AGAIN_AFTER_MS = 60_000;

/** Processes the outcome of a prompt. Safe to repeat, and on several copies at once: every write that follows is guarded. */
export async function processStkCallback(deps: PaymentsDependencies, stored: StoredCallback): Promise<CallbackFinding> {
  const callback = parseStkCallback(decodeBody(stored));
  const { attempt, secretMatches } = await findAttempt(deps, stored, callback);
  const named = callback.outcome.kind === "paid" ? callback.outcome.receipt : null;
  const paidAtMs = callback.outcome.kind === "paid" ? callback.outcome.paidAtMs : null;
  if (secretMatches && paidAtMs !== null) deps.metrics.callbackDelayed(stored.receivedAtMs - paidAtMs);
  if (!attempt) {
    const note = callback.outcome.kind === "unreadable" ? callback.outcome.why : "it names no payment that we know";
    return { verdict: "unmatched", receipt: named, note, isStranger: true };
  }
  const finding = (verdict: Verdict, note: string | null = null): CallbackFinding => ({
    verdict,
    paymentId: attempt.id,
    receipt: named,
    note,
    isStranger: !secretMatches,
  });

  const isTrustedCaller = secretMatches && deps.isTrustedCaller(stored.remoteAddress);
  const verification = verifyCallback(callback, attempt, { secretMatches, isTrustedCaller });
  const unverified = async (note: string, receipt: string | null = null): Promise<CallbackFinding> => {
    if (isTrustedCaller) await learnPromptId(deps, attempt, callback);
    // Without the secret anybody can have sent it: it is queried within a small share, so that it delays nobody's payment.
    const request = secretMatches ? deps.store.requestQuery : deps.store.requestHintQuery;
    await request(attempt.id, deps.now(), deps.now() - QUERY_AGAIN_AFTER_MS);
    return { ...finding("unverified", note), receipt };
  };
  // Its receipt is used once Safaricom confirms the payment. A callback that contradicts the attempt may have made its receipt up.
  if (verification.kind === "unverified") return unverified(verification.why, verification.isIncomplete ? named : null);

  const note = noteOf(callback);
  const { kind, attempt: after } = await recordOutcome(deps, {
    attemptId: attempt.id,
    event: verification.event,
    source: "callback",
    ...(note !== null && { note }),
  });
  if (kind === "receipt_taken")
    return (await isOwnReceipt(deps, attempt, callback)) ? finding("duplicate") : unverified("its receipt has paid for something else");
  // Money without a receipt that another attempt may hold: a query decides whose it is.
  if (kind === "unchanged" && callback.outcome.kind === "paid" && after.status === "failed" && !hasClaimed(after))
    return unverified("it does not say the receipt");
  if (kind === "unchanged" && isOtherMoney(callback, after)) return finding("verified", await recordOtherMoney(deps, attempt, callback));
  return kind === "recorded" ? finding("verified", note) : finding("duplicate");
}

/** By the secret of its address. Without it, the prompt's id in the body is only a hint: it is guessable. */
async function findAttempt(
  { store }: PaymentsDependencies,
  stored: StoredCallback,
  callback: StkCallback,
): Promise<{ attempt: Attempt | null; secretMatches: boolean }> {
  const bySecret = stored.secretHash === null ? null : await store.findAttemptBySecretHash(stored.secretHash);
  if (bySecret) return { attempt: bySecret, secretMatches: true };
  const hinted = callback.checkoutRequestId === null ? null : await store.findAttemptByCheckoutRequestId(callback.checkoutRequestId);
  return { attempt: hinted, secretMatches: false };
}

/** If the push's reply was lost, only a callback on the attempt's own address names the prompt. Without its id there is nothing to query. */
async function learnPromptId(
  deps: PaymentsDependencies,
  attempt: Attempt,
  { checkoutRequestId, merchantRequestId }: StkCallback,
): Promise<void> {
  if (attempt.checkoutRequestId !== null || checkoutRequestId === null) return;
  const event = { type: "push_accepted", checkoutRequestId, merchantRequestId } as const;
  await recordOutcome(deps, { attemptId: attempt.id, event, source: "callback" });
}

/** A code that is not in the table fails the attempt as `rejected`; the owner is told which it was. */
export function noteOf({ outcome }: StkCallback): string | null {
  return outcome.kind === "failed" && !outcome.known ? `Safaricom sent an unknown result code: ${outcome.code} ${outcome.message}` : null;
}

/** The same money was reported as a payment to the paybill before: the booking has it. */
async function isOwnReceipt({ store }: PaymentsDependencies, attempt: Attempt, { outcome }: StkCallback): Promise<boolean> {
  const file = await store.load(attempt.bookingId);
  return outcome.kind === "paid" && file?.attempts.some(({ receipt }) => receipt === outcome.receipt) === true;
}

/** A payment by hand was matched to this prompt, and now the prompt was paid as well. */
function isOtherMoney({ outcome }: StkCallback, attempt: Attempt): boolean {
  return outcome.kind === "paid" && outcome.receipt !== null && attempt.receipt !== null && outcome.receipt !== attempt.receipt;
}

async function recordOtherMoney(deps: PaymentsDependencies, attempt: Attempt, { outcome }: StkCallback): Promise<string> {
  if (outcome.kind !== "paid" || outcome.receipt === null) throw new Error("there is no other money");
  const { amountKes, phone: payer, mpesaAccountId } = attempt;
  const money = { receipt: outcome.receipt, amountKes, payer, paidAtMs: outcome.paidAtMs, mpesaAccountId };
  await recordMoney(deps, attempt.bookingId, money, { source: "callback" });
  return "a second payment for one prompt: kept as surplus";
}
