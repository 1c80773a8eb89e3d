import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("idempotency_keys", (table) => {
    table.string("scope", 80).notNullable().comment("what the key belongs to: a booking, or a site's new bookings");
    table.string("idempotency_key", 200).notNullable();
    table.string("request_hash", 64).notNullable();
    table.string("resource_id", 64).nullable().comment("what was committed under this key, for the caller who carries on");
    table.integer("response_status").nullable();
    table.text("response_body").nullable();
    table.bigInteger("locked_until").notNullable();
    table.bigInteger("created_at").notNullable();
    table.primary(["scope", "idempotency_key"]);
    table.index(["created_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("idempotency_keys");
}
