import { publishBookingChanged } from "../payments/payment-events.ts";
import type { PaymentsDependencies } from "../payments/payments-dependencies.ts";

const MOST_AT_ONCE = 100;

/**
 * Lapses bookings that were not paid in time, and tells the pages that show them.
 * @returns whether there are more to lapse at once
 */
export async function lapseBookings(deps: Pick<PaymentsDependencies, "store" | "hub" | "now" | "composeWebhooks">): Promise<boolean> {
  const { store, hub, now, composeWebhooks } = deps;
  const atMs = now();
  const lapsed = await store.lapseBookings(atMs, MOST_AT_ONCE, (after) => {
    const before = { ...after, booking: { ...after.booking, status: "pending" as const } };
    return composeWebhooks({ before, after, paymentId: null, atMs });
  });
  for (const bookingId of lapsed) await publishBookingChanged(hub, bookingId);
  return lapsed.length >= MOST_AT_ONCE;
}
