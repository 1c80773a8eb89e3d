import type { Knex } from "knex";

const UNDECIDED = "status NOT IN ('paid', 'refunded') AND (attention IS NOT NULL OR (status = 'failed' AND reason = 'unknown'))";

/**
 * An owner also lists surplus about which somebody has decided. It is as rare, so one index has both. Copies of the version before read the column too: it
 * has what they look for, and a little more.
 */
export async function up(knex: Knex): Promise<void> {
  await replaceColumn(knex, `surplus > 0 OR (${UNDECIDED})`);
}

export async function down(knex: Knex): Promise<void> {
  await replaceColumn(knex, `(status = 'paid' AND surplus > 0 AND kept_at IS NULL) OR (${UNDECIDED})`);
}

async function replaceColumn(knex: Knex, condition: string): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropIndex(["waiting_site", "requested_at"]));
  await knex.raw("ALTER TABLE payments DROP COLUMN waiting_site");
  await knex.raw(
    `ALTER TABLE payments ADD COLUMN waiting_site VARCHAR(64) GENERATED ALWAYS AS (CASE WHEN ${condition} THEN site_id END) VIRTUAL`,
  );
  await knex.schema.alterTable("payments", (table) => table.index(["waiting_site", "requested_at"]));
}
