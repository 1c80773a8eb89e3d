import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("refunds", (table) => {
    table.string("mpesa_account_id", 64).nullable().comment("that was asked to give the money back; null: not kept then");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("refunds", (table) => table.dropColumn("mpesa_account_id"));
}
