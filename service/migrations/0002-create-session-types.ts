import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("session_types", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("code", 64).notNullable();
    table.string("name", 120).notNullable();
    table.integer("amount").notNullable().comment("whole shillings");
    table.integer("duration_minutes").notNullable();
    table.integer("position").notNullable();
    table.unique(["site_id", "code"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("session_types");
}
