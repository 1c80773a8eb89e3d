import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("c2b_addresses", (table) => {
    table.string("secret_hash", 64).primary().comment("of the secret in the registered addresses");
    table.string("shortcode", 16).notNullable();
    table.bigInteger("registered_at").notNullable();
    table.index(["shortcode"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("c2b_addresses");
}
