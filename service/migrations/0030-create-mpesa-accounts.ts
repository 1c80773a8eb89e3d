import type { Knex } from "knex";

/** Rows are never changed: payments name the account that they were made with. Other credentials make another row. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("mpesa_accounts", (table) => {
    table.string("id", 64).primary();
    table.string("shortcode", 16).nullable().comment("null: only its sealed credentials tell, for it was a site's before this table");
    table.string("till", 16).nullable();
    table.text("credentials").notNullable().comment("JSON, encrypted with SECRETS_KEY");
    table
      .string("sealed_for", 64)
      .notNullable()
      .comment("the id that the encryption is bound to: its own, or the site's that had it before");
    table.bigInteger("created_at").notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("mpesa_accounts");
}
