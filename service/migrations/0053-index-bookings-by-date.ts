import type { Knex } from "knex";

/** An owner's list of the bookings of one day. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => table.index(["site_id", "date", "created_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => table.dropIndex(["site_id", "date", "created_at"]));
}
