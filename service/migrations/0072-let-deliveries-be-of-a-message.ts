import type { Knex } from "knex";

/**
 * A delivery's message has the event and the payload now. Copies of the version before still fill these columns, until the last of them is replaced; what
 * they wrote was never sent.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("webhook_deliveries", (table) => {
    table.string("payment_id", 64).nullable().alter();
    table.string("event", 32).nullable().alter();
    table.text("payload").nullable().alter();
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("webhook_deliveries", (table) => {
    table.string("payment_id", 64).notNullable().alter();
    table.string("event", 32).notNullable().alter();
    table.text("payload").notNullable().alter();
  });
}
