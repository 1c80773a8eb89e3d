import { publishBookingChanged } from "../payments/payment-events.ts";
import type { PaymentsDependencies } from "../payments/payments-dependencies.ts";

/** How long an unpaid booking keeps its place. */
const LAPSES_AFTER_MS = 24 * 60 * 60_000;
const MOST_AT_ONCE = 100;

/**
 * Lapses bookings that nobody paid, and tells the pages that show them.
 * @returns whether there are more to lapse at once
 */
export async function lapseBookings({ store, hub, now }: Pick<PaymentsDependencies, "store" | "hub" | "now">): Promise<boolean> {
  const lapsed = await store.lapseBookings(now() - LAPSES_AFTER_MS, now(), MOST_AT_ONCE);
  for (const bookingId of lapsed) await publishBookingChanged(hub, bookingId);
  return lapsed.length >= MOST_AT_ONCE;
}
