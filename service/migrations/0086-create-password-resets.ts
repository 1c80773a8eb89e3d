import type { Knex } from "knex";

/** Links with which a person chooses a new password. Only the hash of the link's token is kept. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("password_resets", (table) => {
    table.string("id", 64).primary();
    table.string("person_id", 64).notNullable().references("people.id");
    table.string("token_hash", 64).notNullable().unique();
    table.bigInteger("expires_at").notNullable();
    table.index(["person_id"]);
    table.index(["expires_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("password_resets");
}
