import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("sites", (table) => {
    table.string("mpesa_account_id", 64).nullable().comment("where its new payments go; null: to the environment's account");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("sites", (table) => table.dropColumn("mpesa_account_id"));
}
