import type { Knex } from "knex";

/** What happened, once for each event: every endpoint of the site gets the same message under the same id. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("webhook_messages", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("booking_id", 64).nullable().comment("null: a test message");
    table.string("payment_id", 64).nullable();
    table.bigInteger("sequence").notNullable().comment("the order of a booking's messages: its version, and the place within the change");
    table.string("type", 32).notNullable();
    table.text("payload").notNullable().comment("JSON, exactly as it is sent");
    table.bigInteger("created_at").notNullable();
    table.index(["site_id", "created_at"]);
    table.index(["created_at"]);
    table.index(["payment_id"]);
    table.index(["booking_id"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("webhook_messages");
}
