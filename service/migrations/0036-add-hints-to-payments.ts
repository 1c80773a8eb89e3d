import type { Knex } from "knex";

/** Anybody can send a callback that names a prompt but not the attempt's secret address: it is queried within a small share of its own. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table.bigInteger("hint_query_at").nullable().comment("when Safaricom is queried because of such a callback; null: nothing to ask");
    table.integer("hint_queries").notNullable().defaultTo(0).comment("how often it was queried because of one");
    table.index(["hint_query_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table.dropIndex(["hint_query_at"]);
    table.dropColumn("hint_query_at");
    table.dropColumn("hint_queries");
  });
}
