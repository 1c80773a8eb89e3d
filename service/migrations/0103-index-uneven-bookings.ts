import type { Knex } from "knex";

/** The same for bookings whose money and state do not agree. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    "ALTER TABLE pending_sessions ADD COLUMN uneven_site VARCHAR(64) GENERATED ALWAYS AS (CASE WHEN amount_paid > 0 AND (amount_paid < amount OR status IN ('lapsed', 'cancelled')) THEN site_id END) VIRTUAL",
  );
  await knex.schema.alterTable("pending_sessions", (table) => table.index(["uneven_site", "created_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => table.dropIndex(["uneven_site", "created_at"]));
  await knex.raw("ALTER TABLE pending_sessions DROP COLUMN uneven_site");
}
