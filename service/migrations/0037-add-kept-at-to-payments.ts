import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table.bigInteger("kept_at").nullable().comment("when a person decided that its money stays as it is; null: not decided");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropColumn("kept_at"));
}
