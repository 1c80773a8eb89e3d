import type { Knex } from "knex";

/** A code that a parent types is compared with the prompts that other bookings sent to the payer's phone. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.index(["phone", "requested_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropIndex(["phone", "requested_at"]));
}
