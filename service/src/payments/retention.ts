import type { Leases } from "../platform/leases.ts";
import type { Logger } from "../platform/logger.ts";
import type { Clock } from "../platform/clock.ts";
import type { PaymentMetrics } from "./payment-metrics.ts";
import type { PersonalDataStore } from "./store/personal-data-store.ts";

export type RetentionParts = {
  personalData: PersonalDataStore;
  leases: Leases;
  now: Clock;
  metrics: Pick<PaymentMetrics, "pruned">;
  logger: Logger;
  retentionDays: number;
};

const DAY_MS = 24 * 60 * 60_000;
/** Small, so that no lock is held for long; the next batch follows at once. */
const BATCH = 100;
const LEASE_MS = 60_000;

/**
 * Deletes raw callbacks and erases names, e-mail addresses and phone numbers that are older than the retention. One copy at a time does it.
 * @returns whether there is more to do at once
 */
export async function pruneOldData({ personalData, leases, now, metrics, logger, retentionDays }: RetentionParts): Promise<boolean> {
  if (!(await leases.acquire("retention", LEASE_MS))) return false;
  const beforeMs = now() - retentionDays * DAY_MS;
  const callbacks = await personalData.deleteCallbacks(beforeMs, BATCH);
  const bookings = await personalData.eraseBookings(new Date(beforeMs).toISOString().slice(0, 10), now(), BATCH);
  metrics.pruned("callbacks", callbacks);
  metrics.pruned("bookings", bookings);
  if (callbacks + bookings > 0) logger.info({ callbacks, bookings }, "data older than RETENTION_DAYS pruned");
  return callbacks >= BATCH || bookings >= BATCH;
}
