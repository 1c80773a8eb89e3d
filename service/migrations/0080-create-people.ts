import type { Knex } from "knex";

/** Who can sign in to the dashboard. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("people", (table) => {
    table.string("id", 64).primary();
    table.string("email", 254).notNullable().unique().comment("in small letters");
    table.string("name", 120).notNullable();
    table.string("password_hash", 255).notNullable().comment("Argon2id with its parameters and salt");
    table.bigInteger("password_changed_at").notNullable();
    table.text("totp_secret").nullable().comment("encrypted with SECRETS_KEY; null: no authenticator app");
    table.bigInteger("totp_confirmed_at").nullable().comment("null: not shown to work yet, so no code is asked for");
    table.bigInteger("totp_last_step").notNullable().defaultTo(0).comment("the last time step of which a code was used");
    table.bigInteger("created_at").notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("people");
}
