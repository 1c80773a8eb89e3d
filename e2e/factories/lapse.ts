import { lapseBookings } from "../../service/src/bookings/lapse-bookings.ts";
import { createPaymentStore } from "../../service/src/payments/store/payment-store.ts";
import { createInProcessHub } from "../../service/src/platform/channel-hub.ts";
import type { Stack } from "../fixtures.ts";

/**
 * Lapses the bookings whose life is over, as the service does every minute, so that a test need not wait for that. Open streams show it once they
 * compare themselves with the database.
 */
export async function lapseNow({ service, clock }: Pick<Stack, "service" | "clock">): Promise<void> {
  await lapseBookings({ store: createPaymentStore(service.service.database), hub: createInProcessHub(), now: clock.now });
}
