import type { Knex } from "knex";

/**
 * The words of a booking's names, as owners search them: small letters, no accents. The first index finds bookings by the beginning of a word; their ids
 * sort by age. No foreign keys: each would lock a row in every booking's transaction.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("booking_words", (table) => {
    table.string("site_id", 64).notNullable();
    table.string("word", 40).notNullable();
    table.string("booking_id", 64).notNullable();
    table.primary(["site_id", "word", "booking_id"]);
    table.index(["booking_id", "word"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("booking_words");
}
