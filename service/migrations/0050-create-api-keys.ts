import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("api_keys", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("name", 120).notNullable().comment("what the key is for, as the operator says it");
    table.string("access", 8).notNullable().comment("full | read");
    table.string("key_hash", 64).notNullable().unique();
    table.string("ending", 4).nullable().comment("the key's last characters, to tell it from others; null: not known");
    table.bigInteger("created_at").notNullable();
    table.bigInteger("last_used_at").nullable().comment("to the minute or so");
    table.bigInteger("ends_at").nullable().comment("refused from then on; null: not replaced");
    table.index(["site_id", "created_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("api_keys");
}
