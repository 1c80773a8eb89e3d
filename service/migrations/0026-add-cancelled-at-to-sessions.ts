import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("sessions", (table) => {
    table.bigInteger("cancelled_at").nullable().comment("by the owner, or when all of its money was given back; null: it takes place");
    table.index(["site_id", "date", "time"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("sessions", (table) => {
    table.dropIndex(["site_id", "date", "time"]);
    table.dropColumn("cancelled_at");
  });
}
