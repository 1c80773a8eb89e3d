import { publishBookingChanged } from "../payments/payment-events.ts";
import type { PaymentsDependencies } from "../payments/payments-dependencies.ts";

const MOST_AT_ONCE = 100;

/**
 * Lapses bookings that were not paid in time, and tells the pages that show them.
 * @returns whether there are more to lapse at once
 */
export async function lapseBookings({ store, hub, now }: Pick<PaymentsDependencies, "store" | "hub" | "now">): Promise<boolean> {
  const lapsed = await store.lapseBookings(now(), MOST_AT_ONCE);
  for (const bookingId of lapsed) await publishBookingChanged(hub, bookingId);
  return lapsed.length >= MOST_AT_ONCE;
}
