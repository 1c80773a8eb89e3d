import { matchAttempt, manualPaymentStep, type Money } from "./match-payment.ts";
import type { Attempt, EventSource } from "../payment.ts";
import { publishBookingChanged } from "../payment-events.ts";
import { recordOutcome, toChange, type Recorder } from "../record-outcome.ts";

/** `recorded`: it counts now. `known`: its receipt has counted already. */
export type RecordedMoney = { kind: "recorded" | "known"; attempt: Attempt | null };

const MAX_ROUNDS = 10;

/**
 * Writes down money that is surely there and belongs to a booking, whichever way it came. Money for a prompt whose receipt is not known yet is that
 * prompt's; any other is a payment of its own, and surplus when the booking does not need it. Safe to repeat: a receipt counts once.
 */
export async function recordMoney(
  recorder: Recorder,
  bookingId: string,
  money: Money,
  said: { source: EventSource; note?: string },
): Promise<RecordedMoney> {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const file = await recorder.store.load(bookingId);
    if (!file) throw new Error(`booking ${bookingId} does not exist`);
    const holder = file.attempts.find(({ receipt }) => receipt === money.receipt);
    if (holder) return { kind: "known", attempt: holder };
    const open = matchAttempt(file, money);
    if (open) {
      const event = { type: "paid", receipt: money.receipt, paidAtMs: money.paidAtMs, checkoutRequestId: null } as const;
      const { kind, attempt } = await recordOutcome(recorder, { attemptId: open.id, event, ...said });
      if (kind === "recorded") return { kind: "recorded", attempt };
      if (kind === "receipt_taken") return { kind: "known", attempt: null };
      continue;
    }
    const next = manualPaymentStep(file, money, recorder.ids.next("pay"), recorder.now());
    const result = await recorder.store.commit(await toChange(recorder, file, null, next, { event: "money_came", ...said }));
    if (result === "receipt_taken") return { kind: "known", attempt: null };
    if (result === "committed") {
      await publishBookingChanged(recorder.hub, bookingId);
      recorder.metrics.stepped(next.attempt, said.source, recorder.now());
      recorder.logger.info(
        { paymentId: next.attempt.id, surplus: next.attempt.surplus, source: said.source },
        "money came without a prompt",
      );
      return { kind: "recorded", attempt: next.attempt };
    }
  }
  throw new Error(`booking ${bookingId} kept changing for ${MAX_ROUNDS} rounds`);
}
