import { beginAttempt, surplusOf, withBookingStatus, type Attempt, type BookingFile, type Step } from "../payment.ts";
import { publishBookingChanged } from "../payment-events.ts";
import { attemptsOfAccount } from "../accounts-of-booking.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { recordOutcome, toChange, type Recorder, type Report } from "../record-outcome.ts";
import { matchAttempt, type Money } from "./match-payment.ts";

/** `recorded`: it counts now. `known`: its receipt was recorded before. */
export type RecordedMoney = { kind: "recorded" | "known"; attempt: Attempt | null };

const MAX_ROUNDS = 10;

/**
 * Records money that certainly came and belongs to a booking, whichever way it came. If it matches a prompt without a receipt, it is that prompt's.
 * Otherwise it is a payment of its own, and surplus if the booking does not need it. Safe to repeat: a receipt counts once.
 */
export async function recordMoney(
  recorder: Recorder & Pick<PaymentsDependencies, "accounts">,
  bookingId: string,
  money: Money,
  reported: Report,
): Promise<RecordedMoney> {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const file = await recorder.store.load(bookingId);
    if (!file) throw new Error(`booking ${bookingId} does not exist`);
    const holder = file.attempts.find(({ receipt }) => receipt === money.receipt);
    if (holder) return { kind: "known", attempt: holder };
    const open = matchAttempt({ ...file, attempts: await attemptsOfAccount(recorder.accounts, file, money) }, money);
    if (open) {
      const event = { type: "paid", receipt: money.receipt, paidAtMs: money.paidAtMs, checkoutRequestId: null } as const;
      const { kind, attempt } = await recordOutcome(recorder, { attemptId: open.id, event, ...reported });
      if (kind === "recorded") return { kind: "recorded", attempt };
      if (kind === "receipt_taken") return { kind: "known", attempt: null };
      continue;
    }
    const next = manualPaymentStep(file, money, recorder.ids.next("pay"), recorder.now());
    const result = await recorder.store.commit(await toChange(recorder, file, null, next, { event: "money_came", ...reported }));
    if (result === "receipt_taken") return { kind: "known", attempt: null };
    if (result === "committed") {
      await publishBookingChanged(recorder.hub, bookingId);
      recorder.metrics.stepped(next.attempt, reported.source, recorder.now());
      recorder.logger.info(
        { paymentId: next.attempt.id, surplusKes: next.attempt.surplusKes, source: reported.source },
        "payment without a prompt recorded",
      );
      return { kind: "recorded", attempt: next.attempt };
    }
  }
  throw new Error(`booking ${bookingId} kept changing for ${MAX_ROUNDS} rounds`);
}

/** A payment without a prompt, as an attempt that begins paid. Part payments add up; what the booking does not need is surplus. */
export function manualPaymentStep(file: BookingFile, money: Money, id: string, nowMs: number): Step {
  const begun = beginAttempt(file.booking, {
    id,
    // Older notices carry a hash instead of a number, which says nothing to anybody.
    phone: money.payer.length <= PHONE_LENGTH ? money.payer : "",
    // No callback can come for it: no secret hashes to this.
    callbackSecretHash: `receipt:${money.receipt}`,
    amountKes: money.amountKes,
    mpesaAccountId: money.mpesaAccountId,
    nowMs,
  });
  const attempt: Attempt = {
    ...begun,
    status: "paid",
    surplusKes: surplusOf(file, money.amountKes),
    receipt: money.receipt,
    paidAtMs: money.paidAtMs ?? nowMs,
    endedAtMs: nowMs,
  };
  return withBookingStatus(file, attempt, nowMs);
}

/** `254` and nine digits. */
const PHONE_LENGTH = 12;
