import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("receipt_checks", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("pending_session_id", 64).notNullable().references("pending_sessions.id");
    table.string("receipt", 32).notNullable().comment("as the parent typed it, in capitals");
    table.string("status", 24).notNullable().comment("checking | counted | not_found | not_this_payment | used | unanswered");
    table.string("open_key", 64).nullable().unique().comment("the booking's id while Safaricom is asked: one question a booking");
    table.string("result_secret_hash", 64).notNullable().unique().comment("of the address that the answer comes to");
    table.string("note", 500).nullable();
    table.bigInteger("requested_at").notNullable();
    table.bigInteger("ended_at").nullable();
    table.index(["pending_session_id", "requested_at"]);
    table.index(["status", "requested_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("receipt_checks");
}
