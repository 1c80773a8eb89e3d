/** The words of bookings' names: written with the booking, deleted when its names are erased. */
import type { Knex } from "knex";
import type { Booking } from "../../bookings/booking.ts";
import { wordsOf } from "../../platform/search-words.ts";

export async function writeWords(trx: Knex, { id, siteId, parentName, childName }: Booking): Promise<void> {
  const words = wordsOf(`${parentName} ${childName}`);
  if (words.length > 0) await trx("booking_words").insert(words.map((word) => ({ site_id: siteId, word, booking_id: id })));
}

export async function deleteWords(trx: Knex, bookingIds: readonly string[]): Promise<void> {
  await trx("booking_words")
    .whereIn("booking_id", [...bookingIds])
    .delete();
}
