import type { Knex } from "knex";

/** People without a site are forgotten after a while: the task that looks for them reads the old ones only. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("people", (table) => table.index(["created_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("people", (table) => table.dropIndex(["created_at"]));
}
