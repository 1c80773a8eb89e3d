import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("sites", (table) => {
    table.string("id", 64).primary();
    table.string("name", 120).notNullable().unique();
    table.text("allowed_origins").notNullable().comment("JSON array of origins");
    table.string("publishable_key", 80).notNullable().unique();
    table.string("secret_key_hash", 64).notNullable().unique();
    table.string("webhook_url", 500).nullable();
    table.text("mpesa_credentials").nullable().comment("JSON, encrypted with SECRETS_KEY; null: the environment's");
    table.bigInteger("created_at").notNullable();
    table.bigInteger("updated_at").notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("sites");
}
