import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("refunds", (table) => {
    table.string("actor", 120).nullable().comment("who asked for it; null: not kept");
    table.string("reason", 500).nullable().comment("why");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("refunds", (table) => table.dropColumns("actor", "reason"));
}
