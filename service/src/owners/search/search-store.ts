import type { Knex } from "knex";
import { z } from "zod";
import { wherePhoneEnds } from "../../payments/operator/list-filters.ts";
import type { BookingFile } from "../../payments/payment.ts";
import { withAttempts } from "../../payments/store/booking-files.ts";
import { parseBooking } from "../../payments/store/payment-rows.ts";
import { maskPhone } from "../../platform/masking.ts";
import type { Database } from "../../platform/database.ts";

/** Finds the ids of a site's bookings, the newest first; never another site's. */
export type SearchStore = {
  byReference(siteId: string, references: readonly string[]): Promise<string[]>;
  byReceipt(siteId: string, receipts: readonly string[]): Promise<string[]>;
  /** @param phone `full`: null if only its last 3 to 9 digits are known */
  byPhone(siteId: string, phone: { full: string | null; ending: string }, most: number): Promise<string[]>;
  /** Each word is the beginning of one of the booking's words, without accents and capitals. */
  byWords(siteId: string, words: readonly string[], most: number): Promise<string[]>;
  /** Of these ids, the site's own; the newest first. */
  load(siteId: string, bookingIds: readonly string[]): Promise<BookingFile[]>;
};

const idsSchema = z.array(z.object({ id: z.string() }));
/** A phone pays several times for one booking, if the first prompts fail. */
const ATTEMPTS_OF_A_BOOKING = 5;
/** Sorts after every word that begins with the text before it. */
const LAST_CHARACTER = "\u{10ffff}";

export function createSearchStore({ knex }: Database): SearchStore {
  const ids = async (query: Knex.QueryBuilder): Promise<string[]> => idsSchema.parse(await query).map(({ id }) => id);
  const payments = (siteId: string) =>
    knex("payments as payment").where({ "payment.site_id": siteId }).select({ id: "payment.pending_session_id" });

  return {
    byReference: (siteId, references) =>
      ids(
        knex("pending_sessions")
          .where({ site_id: siteId })
          .whereIn("reference", [...references])
          .select("id"),
      ),
    byReceipt: (siteId, receipts) => ids(payments(siteId).whereIn("payment.provider_ref", [...receipts])),
    async byPhone(siteId, { full, ending }, most) {
      const query = payments(siteId)
        .orderBy("payment.requested_at", "desc")
        .limit(most * ATTEMPTS_OF_A_BOOKING);
      wherePhoneEnds(query, "payment", ending);
      // Once the parent's data was erased, its middle is gone.
      if (full !== null) void query.whereIn("payment.phone", [full, maskPhone(full)]);
      return [...new Set(await ids(query))].slice(0, most);
    },
    byWords(siteId, words, most) {
      // The longest word is in the fewest names.
      const [rarest = "", ...others] = words.toSorted((left, right) => right.length - left.length);
      const query = knex("booking_words as found").where({ "found.site_id": siteId });
      beginsWith(query, "found.word", rarest);
      for (const word of others) {
        // With the site too: a database may read these words first, and must then read no other site's.
        const other = knex("booking_words as other").where({ "other.site_id": siteId }).whereRaw("other.booking_id = found.booking_id");
        beginsWith(other, "other.word", word);
        void query.whereExists(other.select(knex.raw("1")));
      }
      // Ids sort by age.
      return ids(query.groupBy("found.booking_id").orderBy("found.booking_id", "desc").limit(most).select({ id: "found.booking_id" }));
    },
    async load(siteId, bookingIds) {
      if (bookingIds.length === 0) return [];
      const rows = await knex("pending_sessions")
        .whereIn("id", [...bookingIds])
        .where({ site_id: siteId })
        .orderBy([
          { column: "created_at", order: "desc" },
          { column: "id", order: "desc" },
        ]);
      return withAttempts(knex, rows.map(parseBooking));
    },
  };
}

function beginsWith(query: Knex.QueryBuilder, column: string, beginning: string): void {
  void query.where(column, ">=", beginning).where(column, "<", beginning + LAST_CHARACTER);
}
