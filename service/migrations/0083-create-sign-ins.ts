import type { Knex } from "knex";

/** Sessions of the dashboard: each is one sign-in. The cookie has the token, here is its hash. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("sign_ins", (table) => {
    table.string("id", 64).primary();
    table.string("person_id", 64).notNullable().references("people.id");
    table.string("token_hash", 64).notNullable().unique();
    table.bigInteger("created_at").notNullable();
    table.bigInteger("last_seen_at").notNullable().comment("to the minute or so");
    table.bigInteger("proven_at").notNullable().comment("when the password was last given");
    table.bigInteger("expires_at").notNullable();
    table.bigInteger("ended_at").nullable();
    table.string("address", 64).notNullable();
    table.string("device", 120).notNullable().comment("browser and system, in words");
    table.index(["person_id", "created_at"]);
    table.index(["created_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("sign_ins");
}
