import type { Knex } from "knex";

/** An owner's list and file of refunds. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("refunds", (table) => table.index(["site_id", "requested_at"]));
}

export async function down(knex: Knex): Promise<void> {
  // The key to the site needs an index, and has given up its own for this one.
  await knex.schema.alterTable("refunds", (table) => table.index(["site_id"], "refunds_site_id_foreign"));
  await knex.schema.alterTable("refunds", (table) => table.dropIndex(["site_id", "requested_at"]));
}
