import type { Accounts } from "./accounts/create-accounts.ts";
import { lapseBookings } from "./bookings/lapse-bookings.ts";
import type { MailFeature } from "./mail/create-mail.ts";
import type { PaymentsDependencies } from "./payments/payments-dependencies.ts";
import { processPendingCallbacks } from "./payments/process-pending-callbacks.ts";
import { endOverdueChecks } from "./payments/receipt-checks/settle-check.ts";
import { queryDue, settleOverdue } from "./payments/reconcile-payments.ts";
import { endOverdueRefunds } from "./payments/refunds/refund-payment.ts";
import { pruneOldData, type RetentionParts } from "./payments/retention.ts";
import { every, type BackgroundTask } from "./platform/background.ts";
import type { IdempotencyKeys } from "./platform/idempotency.ts";
import type { KeyUses } from "./sites/key-uses.ts";
import type { Webhooks } from "./webhooks/create-webhooks.ts";

/**
 * What is optional is missing in the simulation: nobody has a key there, nothing is kept longer than the process, and nobody
 * receives webhooks or mail, or signs in.
 */
export type BackgroundParts = {
  payments: PaymentsDependencies;
  keys: IdempotencyKeys;
  keyUses?: KeyUses;
  retention?: RetentionParts;
  webhooks?: Pick<Webhooks, "start">;
  accounts?: Pick<Accounts, "start">;
  mail?: Pick<MailFeature, "start">;
};

const PAUSE_MS = 1_000;
const HOUSEKEEPING_PAUSE_MS = 60_000;
/** A client that repeats a request does so within minutes. */
const KEYS_KEPT_FOR_MS = 24 * 60 * 60_000;

/** Everything that happens without a request. Any copy may do any of it, and may die at any line. */
export function startBackgroundWork({ payments, keys, keyUses, retention, webhooks, accounts, mail }: BackgroundParts): BackgroundTask {
  const { logger, timers, now, queriesPerMinute } = payments;
  const queryPauseMs = Math.max(20, Math.min(PAUSE_MS, 60_000 / queriesPerMinute));
  const repeat = (pauseMs: number, name: string, work: () => Promise<boolean>): BackgroundTask =>
    every(pauseMs, name, work, logger, timers);
  const tasks = [
    repeat(PAUSE_MS, "settle overdue payments", () => settleOverdue(payments)),
    repeat(PAUSE_MS, "end unanswered receipt checks", () => endOverdueChecks(payments)),
    repeat(PAUSE_MS, "end unanswered refunds", () => endOverdueRefunds(payments)),
    repeat(queryPauseMs, "query open payments", () => queryDue(payments)),
    repeat(PAUSE_MS, "process pending callbacks", () => processPendingCallbacks(payments)),
    repeat(HOUSEKEEPING_PAUSE_MS, "lapse bookings, delete old idempotency keys", async () => {
      await keys.forget(now() - KEYS_KEPT_FOR_MS);
      return lapseBookings(payments);
    }),
    ...(keyUses
      ? [
          repeat(HOUSEKEEPING_PAUSE_MS, "note when secret keys were used", async () => {
            await keyUses.write();
            return false;
          }),
        ]
      : []),
    ...(retention ? [repeat(HOUSEKEEPING_PAUSE_MS, "prune old data", () => pruneOldData(retention))] : []),
    ...[webhooks, accounts, mail].flatMap((feature) => (feature ? [feature.start()] : [])),
  ];
  return { stop: async () => void (await Promise.all(tasks.map((task) => task.stop()))) };
}
