import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("payment_history", (table) => {
    table.string("id", 64).primary();
    table.string("payment_id", 64).notNullable().references("payments.id");
    table.string("from_status", 16).nullable();
    table.string("to_status", 16).notNullable();
    table.string("event", 32).notNullable();
    table.string("source", 16).notNullable().comment("who said so: start | push | callback | query | timer | owner");
    table.string("note", 500).nullable();
    table.integer("booking_version").notNullable();
    table.bigInteger("at").notNullable();
    table.index(["payment_id", "booking_version"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("payment_history");
}
