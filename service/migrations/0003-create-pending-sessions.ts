import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("pending_sessions", (table) => {
    table.string("id", 64).primary().comment("unguessable: it is the key to the booking");
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("reference", 12).notNullable().unique().comment("on the payer's SMS; the account number for paying by hand");
    table.string("status", 16).notNullable().comment("pending | booked | lapsed");
    table.integer("version").notNullable().comment("compare-and-set for the booking and its attempts; the SSE event id");
    table.string("parent_name", 120).notNullable();
    table.string("child_name", 120).notNullable();
    table.string("email", 254).notNullable();
    table.string("session_type", 64).nullable().comment("null: a server named the amount itself");
    table.string("session_name", 120).notNullable().comment("as it was sold");
    table.string("date", 10).notNullable();
    table.string("time", 5).notNullable();
    table.integer("amount").notNullable().comment("whole shillings");
    table.integer("processed").notNullable().defaultTo(0).comment("1 once the session is booked");
    table.bigInteger("created_at").notNullable();
    table.bigInteger("updated_at").notNullable();
    table.index(["site_id", "created_at"]);
    table.index(["status", "created_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("pending_sessions");
}
