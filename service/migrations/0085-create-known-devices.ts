import type { Knex } from "knex";

/** Browsers in which a person has signed in before: somebody else's wrong passwords must not lock them out. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("known_devices", (table) => {
    table.string("id", 64).primary();
    table.string("person_id", 64).notNullable().references("people.id");
    table.string("token_hash", 64).notNullable().comment("of the browser's cookie, which several people may share");
    table.bigInteger("expires_at").notNullable();
    table.unique(["token_hash", "person_id"]);
    table.index(["person_id", "expires_at"]);
    table.index(["expires_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("known_devices");
}
