import type { Knex } from "knex";

/** Sign-ins whose password was right and whose code is awaited. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("sign_in_steps", (table) => {
    table.string("id", 64).primary();
    table.string("person_id", 64).notNullable().references("people.id");
    table.string("token_hash", 64).notNullable().unique();
    table.integer("tries").notNullable().defaultTo(0);
    table.bigInteger("expires_at").notNullable();
    table.index(["expires_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("sign_in_steps");
}
