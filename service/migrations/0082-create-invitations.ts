import type { Knex } from "knex";

/** Links with which somebody joins a site. The link itself is shown and mailed once: only the hash of its token is kept. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("invitations", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("email", 254).notNullable().comment("in small letters");
    table.string("role", 16).notNullable().comment("viewer | manager | owner");
    table.string("token_hash", 64).notNullable().unique();
    table.string("invited_by", 160).notNullable();
    table.bigInteger("created_at").notNullable();
    table.bigInteger("expires_at").notNullable();
    table.bigInteger("ended_at").nullable().comment("accepted, replaced or taken back; null: open until it expires");
    table.index(["site_id", "email"]);
    table.index(["expires_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("invitations");
}
