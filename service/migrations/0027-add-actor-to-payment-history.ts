import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payment_history", (table) => {
    table.string("actor", 120).nullable().comment("the person who decided it; null: a rule did");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payment_history", (table) => table.dropColumn("actor"));
}
