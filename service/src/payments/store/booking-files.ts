import type { Knex } from "knex";
import type { Booking } from "../../bookings/booking.ts";
import type { BookingFile } from "../payment.ts";
import { parseAttempt } from "./payment-rows.ts";

/**
 * Bookings with their attempts, by one statement for all of them, in the given order. To show, not to decide from: whether a lapsed booking's place is
 * taken is not looked up.
 */
export async function withAttempts(knex: Knex, bookings: readonly Booking[]): Promise<BookingFile[]> {
  if (bookings.length === 0) return [];
  const ids = bookings.map(({ id }) => id);
  const rows = await knex("payments").whereIn("pending_session_id", ids).orderBy(["requested_at", "id"]);
  const attempts = Map.groupBy(rows.map(parseAttempt), ({ bookingId }) => bookingId);
  return bookings.map((booking) => ({ booking, attempts: attempts.get(booking.id) ?? [] }));
}
