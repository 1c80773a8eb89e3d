import { z } from "zod";
import { bookingStatuses } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import { readPage, pageShape, toPage, type Page } from "../../platform/page.ts";
import type { BookingFile } from "../payment.ts";
import { withAttempts } from "../store/booking-files.ts";
import { parseBooking } from "../store/payment-rows.ts";
import { filterShape, whereBetween, wherePhoneEnds } from "./list-filters.ts";

export const bookingsQuerySchema = z.strictObject({
  status: z.enum(bookingStatuses).optional().describe("`booking_status`."),
  date: z.iso.date().optional().describe("The session's day."),
  ...filterShape,
  ...pageShape,
});
export type BookingsQuery = z.infer<typeof bookingsQuerySchema>;

/** A site's bookings for its owner, those made last first. */
export type BookingsList = {
  /** To show, not to decide from: whether a lapsed booking's place is taken is not looked up. */
  page(siteId: string, query: BookingsQuery): Promise<Page<BookingFile>>;
};

export function createBookingsList({ knex }: Database): BookingsList {
  return {
    async page(siteId, { status, date, receipt, reference, phoneEnding, from, to, ...wish }) {
      const query = knex("pending_sessions as booking").where({ "booking.site_id": siteId }).select("booking.*");
      if (status !== undefined) void query.where({ "booking.status": status });
      if (date !== undefined) void query.where({ "booking.date": date });
      if (reference !== undefined) void query.where({ "booking.reference": reference });
      whereBetween(query, "booking.created_at", { from, to });
      if (receipt !== undefined || phoneEnding !== undefined) {
        const paid = knex("payments as payment").where({ "payment.site_id": siteId }).select("payment.pending_session_id");
        if (receipt !== undefined) void paid.where({ "payment.provider_ref": receipt });
        if (phoneEnding !== undefined) wherePhoneEnds(paid, "payment", phoneEnding);
        void query.whereIn("booking.id", paid);
      }
      const rows = await readPage(query, { at: "booking.created_at", id: "booking.id" }, wish);
      const files = await withAttempts(knex, rows.map(parseBooking));
      return toPage(
        files,
        wish.limit,
        ({ booking }) => ({ atMs: booking.createdAtMs, id: booking.id }),
        (file) => file,
      );
    },
  };
}
