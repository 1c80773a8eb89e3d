import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table.bigInteger("doubted_at").nullable().comment("when a callback last came that is settled by asking Safaricom, not believed");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropColumn("doubted_at"));
}
