import type { Knex } from "knex";
import { z } from "zod";

const rowsSchema = z.array(z.object({ id: z.string(), site_id: z.string(), parent_name: z.string(), child_name: z.string() }));

/** Bookings that are read at once, and rows that are written by one statement. */
const BATCH = 500;
const WORD_MAX = 40;
const WORDS_MAX = 16;

/**
 * For the bookings that are there already. Those that copies of the version before make until the last of them is replaced are found by everything but the
 * name.
 */
export async function up(knex: Knex): Promise<void> {
  for (let after = ""; ;) {
    const bookings = rowsSchema.parse(
      await knex("pending_sessions")
        .where("id", ">", after)
        .orderBy("id")
        .limit(BATCH)
        .select("id", "site_id", "parent_name", "child_name")
        .whereNull("erased_at"),
    );
    const rows = bookings.flatMap(({ id, site_id, parent_name, child_name }) =>
      wordsOf(`${parent_name} ${child_name}`).map((word) => ({ site_id, word, booking_id: id })),
    );
    for (let start = 0; start < rows.length; start += BATCH)
      await knex("booking_words")
        .insert(rows.slice(start, start + BATCH))
        .onConflict()
        .ignore();
    const last = bookings.at(-1);
    if (!last) return;
    after = last.id;
  }
}

/** As the service made them when this was written. */
function wordsOf(names: string): string[] {
  const plain = names
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}'’‘ʼ\u0060]/gu, "")
    .toLowerCase();
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return [...new Set(words.map((word) => Array.from(word).slice(0, WORD_MAX).join("")))].slice(0, WORDS_MAX);
}

export async function down(knex: Knex): Promise<void> {
  await knex("booking_words").delete();
}
