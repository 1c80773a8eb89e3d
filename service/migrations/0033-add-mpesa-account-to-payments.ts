import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table.string("mpesa_account_id", 64).nullable().comment("that it was made with: of mpesa_accounts, or env:SHORTCODE; null: the site's");
    table.index(["mpesa_account_id", "next_query_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table.dropIndex(["mpesa_account_id", "next_query_at"]);
    table.dropColumn("mpesa_account_id");
  });
}
