import type { Knex } from "knex";

/** Owners look a payment up by the last digits, which is all that they see of a phone. The database derives them, so that erasing a phone keeps no other copy of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw("ALTER TABLE payments ADD COLUMN phone_ending VARCHAR(3) GENERATED ALWAYS AS (SUBSTR(phone, -3)) VIRTUAL");
  await knex.schema.alterTable("payments", (table) => table.index(["site_id", "phone_ending", "requested_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropIndex(["site_id", "phone_ending", "requested_at"]));
  await knex.raw("ALTER TABLE payments DROP COLUMN phone_ending");
}
