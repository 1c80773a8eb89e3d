import type { Knex } from "knex";

/** Codes that stand for the authenticator app's, once each. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("backup_codes", (table) => {
    table.string("id", 64).primary();
    table.string("person_id", 64).notNullable().references("people.id");
    table.string("code_hash", 255).notNullable().comment("Argon2id; all codes of one person have the same salt");
    table.index(["person_id"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("backup_codes");
}
