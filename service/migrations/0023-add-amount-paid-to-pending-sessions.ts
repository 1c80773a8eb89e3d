import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => {
    table.integer("amount_paid").notNullable().defaultTo(0).comment("whole shillings that arrived and were not given back");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => table.dropColumn("amount_paid"));
}
