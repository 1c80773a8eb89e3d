import type { Knex } from "knex";

/**
 * An owner's list of what waits for a decision: few of many payments. The database derives the column, which is null for all others, so that the steps of
 * a usual payment do not touch its index.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    "ALTER TABLE payments ADD COLUMN waiting_site VARCHAR(64) GENERATED ALWAYS AS (CASE WHEN (status = 'paid' AND surplus > 0 AND kept_at IS NULL) OR (status NOT IN ('paid', 'refunded') AND (attention IS NOT NULL OR (status = 'failed' AND reason = 'unknown'))) THEN site_id END) VIRTUAL",
  );
  await knex.schema.alterTable("payments", (table) => table.index(["waiting_site", "requested_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropIndex(["waiting_site", "requested_at"]));
  await knex.raw("ALTER TABLE payments DROP COLUMN waiting_site");
}
