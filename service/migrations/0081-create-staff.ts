import type { Knex } from "knex";

/** Who works at which site, and in which role. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("staff", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("person_id", 64).notNullable().references("people.id");
    table.string("role", 16).notNullable().comment("viewer | manager | owner");
    table.bigInteger("created_at").notNullable();
    table.bigInteger("last_seen_at").nullable().comment("at this site, to the minute or so");
    table.unique(["site_id", "person_id"]);
    table.index(["person_id"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("staff");
}
