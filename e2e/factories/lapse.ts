import { lapseBookings } from "../../service/src/bookings/lapse-bookings.ts";
import { composeWebhooksBeside } from "../../service/src/cli/compose-beside.ts";
import { createPaymentStore } from "../../service/src/payments/store/payment-store.ts";
import { createInProcessHub } from "../../service/src/platform/channel-hub.ts";
import type { Stack } from "../fixtures.ts";

/**
 * Lapses the bookings whose life is over, as the service does every minute, so that a test need not wait for that. Open streams show it once they
 * compare themselves with the database.
 */
export async function lapseNow({ service, clock }: Pick<Stack, "service" | "clock">): Promise<void> {
  const { database } = service.service;
  const composeWebhooks = composeWebhooksBeside(database);
  await lapseBookings({ store: createPaymentStore(database), hub: createInProcessHub(), now: clock.now, composeWebhooks });
}
