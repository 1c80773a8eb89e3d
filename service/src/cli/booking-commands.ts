/** The operator's commands for bookings: `somopay bookings move | cancel`. */
import type { Config } from "../config.ts";
import { moveBookingSchema } from "../contract.ts";
import { normaliseReference } from "../payments/c2b/match-payment.ts";
import { cancelBooking, moveBooking, type BookingChanger } from "../payments/operator/change-booking.ts";
import { amountDueKes, type BookingFile } from "../payments/payment.ts";
import type { Decision } from "../payments/decision.ts";
import { createBookingChanges } from "../payments/store/booking-changes.ts";
import { createPaymentStore } from "../payments/store/payment-store.ts";
import { createInProcessHub } from "../platform/channel-hub.ts";
import type { Database } from "../platform/database.ts";
import { ServiceError } from "../platform/errors.ts";
import { createIds } from "../platform/ids.ts";
import { composeWebhooksBeside } from "./compose-beside.ts";

type Write = (line: string) => void;

/** Moves a booking to another time. Returns whether it was moved. */
export function move(
  config: Config,
  database: Database,
  { reference, date, time, decision }: { reference: string; date: string; time: string; decision: Decision },
  write: Write,
): Promise<boolean> {
  const { shape } = moveBookingSchema;
  if (!shape.date.safeParse(date).success || !shape.time.safeParse(time).success) {
    write("DATE must be YYYY-MM-DD and TIME HH:MM, both in Kenya's time.");
    return Promise.resolve(false);
  }
  return change(config, database, reference, write, async (changer, bookingId) => {
    const { booking, attempts } = await moveBooking(changer, { bookingId, siteId: null, date, time, decision });
    const due = booking.status === "pending" ? `, and waits for KES ${amountDueKes({ booking, attempts })}` : "";
    return `Moved to ${booking.date} ${booking.time}: the booking is ${booking.status}${due}.`;
  });
}

/** Cancels a booking. Returns whether it was cancelled. */
export function cancel(
  config: Config,
  database: Database,
  { reference, decision }: { reference: string; decision: Decision },
  write: Write,
): Promise<boolean> {
  return change(config, database, reference, write, async (changer, bookingId) => {
    const { attempts } = await cancelBooking(changer, { bookingId, siteId: null, decision });
    const refunds = receiptsOf(attempts).map((receipt) => `\n  somopay money refund ${receipt}`);
    return `Cancelled.${refunds.length > 0 ? ` Its money is to be given back:${refunds.join("")}` : ""}`;
  });
}

function receiptsOf(attempts: BookingFile["attempts"]): string[] {
  return attempts.flatMap(({ status, receipt }) => (status === "paid" && receipt !== null ? [receipt] : []));
}

async function change(
  { bookingLifeMs }: Config,
  database: Database,
  reference: string,
  write: Write,
  work: (changer: BookingChanger, bookingId: string) => Promise<string>,
): Promise<boolean> {
  const store = createPaymentStore(database);
  const bookingId = await store.bookingIdByReference(normaliseReference(reference));
  if (bookingId === null) {
    write("There is no booking with this reference.");
    return false;
  }
  const changes = createBookingChanges(database);
  const changer = {
    store,
    changes,
    hub: createInProcessHub(),
    composeWebhooks: composeWebhooksBeside(database),
    ids: createIds(Date.now),
    now: Date.now,
    bookingLifeMs,
  };
  try {
    write(await work(changer, bookingId));
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    write(error.message);
    return false;
  }
}
