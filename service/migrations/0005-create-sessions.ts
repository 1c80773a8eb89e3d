import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("sessions", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("pending_session_id", 64).notNullable().unique().references("pending_sessions.id");
    table.string("payment_id", 64).notNullable().references("payments.id");
    table.string("parent_name", 120).notNullable();
    table.string("child_name", 120).notNullable();
    table.string("email", 254).notNullable();
    table.string("session_type", 64).nullable();
    table.string("session_name", 120).notNullable();
    table.string("date", 10).notNullable();
    table.string("time", 5).notNullable();
    table.integer("amount").notNullable();
    table.bigInteger("booked_at").notNullable();
    table.index(["site_id", "date"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("sessions");
}
