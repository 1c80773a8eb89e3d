import type { Clock } from "../../platform/clock.ts";
import type { Leases } from "../../platform/leases.ts";
import type { DeliveryStore } from "./delivery-store.ts";

/** Longer than anybody takes to find out that a receiver was away: until then its messages can be sent again. */
const KEPT_FOR_MS = 30 * 24 * 60 * 60_000;
/** Small, so that no lock is held for long; the next batch follows at once. */
const BATCH = 500;
const LEASE_MS = 60_000;

/**
 * Deletes messages after a month, delivered or not. One copy at a time does it.
 * @returns whether there is more to do at once
 */
export async function pruneWebhooks(parts: { deliveries: DeliveryStore; leases: Leases; now: Clock }): Promise<boolean> {
  const { deliveries, leases, now } = parts;
  if (!(await leases.acquire("webhook-retention", LEASE_MS))) return false;
  return (await deliveries.deleteBefore(now() - KEPT_FOR_MS, BATCH)) > 0;
}
