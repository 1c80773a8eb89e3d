import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("webhook_deliveries", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("payment_id", 64).notNullable().references("payments.id");
    table.string("event", 32).notNullable();
    table.text("payload").notNullable().comment("JSON");
    table.integer("attempts").notNullable().defaultTo(0);
    table.bigInteger("next_attempt_at").nullable();
    table.bigInteger("delivered_at").nullable();
    table.bigInteger("created_at").notNullable();
    table.index(["next_attempt_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("webhook_deliveries");
}
