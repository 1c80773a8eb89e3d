import type { Knex } from "knex";

/** Rule 6 is broken once, before the first release: while it runs, a copy of the version before must not. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.renameColumn("doubted_at", "unverified_at"));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.renameColumn("unverified_at", "doubted_at"));
}
