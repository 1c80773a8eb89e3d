import { z } from "zod";
import type { BookingFile } from "../../payments/payment.ts";
import { withAttempts } from "../../payments/store/booking-files.ts";
import { parseBooking } from "../../payments/store/payment-rows.ts";
import type { Database } from "../../platform/database.ts";

export type LiveStore = {
  /** The site's bookings that were made or paid for last. */
  newest(siteId: string, most: number): Promise<BookingFile[]>;
};

const idsSchema = z.array(z.object({ id: z.string() }));

export function createLiveStore({ knex }: Database): LiveStore {
  return {
    async newest(siteId, most) {
      const paid = knex("payments").where({ site_id: siteId }).orderBy("requested_at", "desc").limit(most);
      const made = knex("pending_sessions").where({ site_id: siteId }).orderBy("created_at", "desc").limit(most);
      const found = await Promise.all([paid.select({ id: "pending_session_id" }), made.select("id")]);
      const ids = new Set(found.flatMap((rows: unknown) => idsSchema.parse(rows).map(({ id }) => id)));
      const rows = await knex("pending_sessions").whereIn("id", [...ids]);
      return withAttempts(knex, rows.map(parseBooking));
    },
  };
}
