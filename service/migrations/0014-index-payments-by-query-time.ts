import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.index(["queried_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropIndex(["queried_at"]));
}
