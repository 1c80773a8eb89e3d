import type { Knex } from "knex";

/** Mail to be sent: written in the transaction that causes it, sent after. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("mail_outbox", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).nullable().references("sites.id").comment("whose mail it is; null: the service's own");
    table.text("message").nullable().comment("recipient, subject and text, encrypted with SECRETS_KEY if that is set; null: it is settled");
    table.string("status", 16).notNullable().comment("waiting | sent | failed");
    table.integer("tries").notNullable().defaultTo(0);
    table.bigInteger("next_try_at").notNullable();
    table.string("last_failure", 200).nullable();
    table.bigInteger("created_at").notNullable();
    table.bigInteger("settled_at").nullable();
    table.index(["status", "next_try_at"]);
    table.index(["settled_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("mail_outbox");
}
