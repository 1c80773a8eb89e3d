import type { Clock } from "./platform/clock.ts";
import { isDatabaseDown } from "./platform/database.ts";
import { every, type BackgroundTask } from "./platform/background.ts";
import type { IdempotencyKeys } from "./platform/idempotency.ts";
import { systemTimers, type Timers } from "./platform/timers.ts";
import type { StoredCallback } from "./payments/store/callback-inbox.ts";
import { queryOneDue, settleOverdue, type Reconciler } from "./payments/reconcile-payments.ts";
import { endOverdueChecks } from "./payments/receipt-checks/check-receipt.ts";
import { processCallback, type Receiver } from "./payments/process-callback.ts";
import { endOverdueRefunds } from "./payments/refunds/refund-payment.ts";
import { publishBookingChanged } from "./payments/payment-events.ts";

export type BackgroundParts = { reconciler: Reconciler; receiver: Receiver; keys: IdempotencyKeys; now: Clock; timers?: Timers };

const PAUSE_MS = 1_000;
const HOUSEKEEPING_PAUSE_MS = 60_000;
/** A callback is read within milliseconds of its 200; one that was not by now lost the process that was to read it. */
const UNREAD_AFTER_MS = 5_000;
const MOST_AT_ONCE = 100;
const DAY_MS = 24 * 60 * 60_000;

/** Everything that happens without anybody asking. Any copy may do any of it, and may die at any line. */
export function startBackgroundWork({ reconciler, receiver, keys, now, timers = systemTimers }: BackgroundParts): BackgroundTask {
  const { store, hub, logger } = receiver;
  const queryPauseMs = Math.max(20, Math.min(PAUSE_MS, 60_000 / reconciler.queriesPerMinute));
  const tasks = [
    every(PAUSE_MS, "settle overdue payments", async () => (await settleOverdue(reconciler)) >= MOST_AT_ONCE, logger, timers),
    every(PAUSE_MS, "end unanswered codes", async () => (await endOverdueChecks(receiver)) >= MOST_AT_ONCE, logger, timers),
    every(PAUSE_MS, "end unanswered refunds", async () => (await endOverdueRefunds(receiver)) >= MOST_AT_ONCE, logger, timers),
    every(queryPauseMs, "ask about open payments", () => queryOneDue(reconciler), logger, timers),
    every(PAUSE_MS, "read stored callbacks", () => processStoredCallbacks(receiver, now), logger, timers),
    every(
      HOUSEKEEPING_PAUSE_MS,
      "lapse bookings, forget old keys",
      async () => {
        await keys.forget(now() - DAY_MS);
        const lapsed = await store.lapseBookings(now() - DAY_MS, now(), MOST_AT_ONCE);
        for (const bookingId of lapsed) await publishBookingChanged(hub, bookingId);
        return lapsed.length >= MOST_AT_ONCE;
      },
      logger,
      timers,
    ),
  ];
  return { stop: async () => void (await Promise.all(tasks.map((task) => task.stop()))) };
}

/** What the journal kept goes into the database first, and is then read like everything else that nobody has read. */
async function processStoredCallbacks(receiver: Receiver, now: Clock): Promise<boolean> {
  const replayed = await receiver.inbox.replayJournal();
  const unread = await receiver.inbox.unread(replayed > 0 ? now() + 1 : now() - UNREAD_AFTER_MS, MOST_AT_ONCE);
  for (const callback of unread) await processOrSetAside(receiver, callback, now);
  return unread.length >= MOST_AT_ONCE;
}

/** One callback that cannot be read must not stand in the way of all that come after it. */
async function processOrSetAside(receiver: Receiver, callback: StoredCallback, now: Clock): Promise<void> {
  try {
    await processCallback(receiver, callback);
  } catch (error) {
    if (isDatabaseDown(error)) throw error;
    receiver.logger.error({ err: error, callbackId: callback.id }, "callback could not be acted on; it is kept, and set aside");
    const note = `could not be acted on: ${error instanceof Error ? error.message : String(error)}`;
    await receiver.inbox.markProcessed(callback.id, { verdict: "unverified", paymentId: null, receipt: null, note, atMs: now() });
  }
}
