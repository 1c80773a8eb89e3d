import type { Knex } from "knex";

/** An owner sees only the money of the own paybill. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("unassigned_money", (table) => table.index(["shortcode", "received_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("unassigned_money", (table) => table.dropIndex(["shortcode", "received_at"]));
}
