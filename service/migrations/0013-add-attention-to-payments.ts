import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table.string("attention", 200).nullable().comment("what the owner should look at: an answer of Safaricom's that nobody knows");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropColumn("attention"));
}
