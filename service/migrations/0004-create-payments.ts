import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("payments", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("pending_session_id", 64).notNullable().references("pending_sessions.id");
    table.string("session_id", 64).nullable().comment("the session that this payment booked");
    table.string("provider", 16).notNullable();
    table.string("provider_ref", 32).nullable().unique().comment("the M-Pesa receipt: counts once, ever");
    table.string("status", 16).notNullable();
    table.string("reason", 32).nullable();
    table.string("open_key", 64).nullable().unique().comment("the booking's id while open, null after: one open attempt a booking");
    table.integer("surplus").notNullable().defaultTo(0).comment("1: money beyond what the booking needed; the owner decides");
    table.integer("amount").notNullable().comment("whole shillings");
    table.string("phone", 12).notNullable();
    table.string("callback_secret_hash", 64).notNullable().unique();
    table.string("checkout_request_id", 100).nullable().index();
    table.string("merchant_request_id", 100).nullable();
    table.string("result_code", 32).nullable();
    table.bigInteger("retry_at").nullable().comment("until then Safaricom would refuse another prompt");
    table.bigInteger("requested_at").notNullable();
    table.bigInteger("prompt_expires_at").nullable();
    table.bigInteger("paid_at").nullable();
    table.bigInteger("ended_at").nullable();
    table.bigInteger("next_query_at").nullable().comment("when Safaricom is asked next; null: nothing to ask");
    table.bigInteger("queried_at").nullable().comment("when Safaricom was last asked");
    table.integer("queries").notNullable().defaultTo(0).comment("how often Safaricom was asked");
    table.bigInteger("updated_at").notNullable();
    table.index(["pending_session_id", "requested_at"]);
    table.index(["next_query_at"]);
    table.index(["site_id", "requested_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("payments");
}
