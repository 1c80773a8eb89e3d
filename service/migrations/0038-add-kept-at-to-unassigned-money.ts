import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("unassigned_money", (table) => {
    table.bigInteger("kept_at").nullable().comment("when a person decided that it belongs to no booking; null: not decided");
    table.string("kept_by", 120).nullable();
    table.string("kept_why", 500).nullable();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("unassigned_money", (table) => table.dropColumns("kept_at", "kept_by", "kept_why"));
}
