import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => {
    table
      .bigInteger("doubted_at")
      .nullable()
      .comment("when a callback last came that Safaricom must be asked about; null: none, or it is settled");
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("payments", (table) => table.dropColumn("doubted_at"));
}
