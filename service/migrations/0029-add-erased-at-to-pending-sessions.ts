import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => {
    table.bigInteger("erased_at").nullable().comment("when names, e-mail and phones were erased; null: they are there");
    table.index(["erased_at", "date"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => {
    table.dropIndex(["erased_at", "date"]);
    table.dropColumn("erased_at");
  });
}
