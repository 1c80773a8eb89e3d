import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("leases", (table) => {
    table.string("name", 100).primary();
    table.string("holder", 64).notNullable();
    table.bigInteger("until").notNullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("leases");
}
