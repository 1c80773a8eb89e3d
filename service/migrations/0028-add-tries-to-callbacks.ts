import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("callbacks", (table) => {
    table.integer("tries").notNullable().defaultTo(0).comment("how often processing it failed");
    table.bigInteger("next_try_at").nullable().comment("when processing is tried again; null: at once");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("callbacks", (table) => {
    table.dropColumn("tries");
    table.dropColumn("next_try_at");
  });
}
