import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("refunds", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("payment_id", 64).notNullable().references("payments.id");
    table.string("receipt", 32).notNullable().comment("of the payment that is given back, whole");
    table.integer("amount").notNullable().comment("whole shillings");
    table.string("status", 16).notNullable().comment("requested | sent | unknown | done | failed");
    table.string("open_key", 64).nullable().unique().comment("the payment's id while its answer is awaited: one request a payment");
    table.string("result_secret_hash", 64).notNullable().unique().comment("of the address that the result comes to");
    table.string("conversation_id", 100).nullable().comment("Safaricom's, for asking their support");
    table.string("result_code", 32).nullable();
    table.string("note", 500).nullable();
    table.bigInteger("requested_at").notNullable();
    table.bigInteger("ended_at").nullable();
    table.index(["payment_id", "requested_at"]);
    table.index(["status", "requested_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("refunds");
}
