import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("callbacks", (table) => {
    table.string("id", 64).primary();
    table.bigInteger("received_at").notNullable();
    table.string("kind", 16).notNullable().comment("stk");
    table.string("secret_hash", 64).nullable().comment("of the URL's secret; null: none came");
    table.string("remote_address", 64).notNullable();
    table.text("body", "mediumtext").notNullable().comment("as it came, bounded");
    table.string("body_encoding", 8).notNullable().comment("utf8 | base64");
    table.integer("truncated").notNullable().defaultTo(0);
    table.string("payment_id", 64).nullable().comment("the attempt that it is about, if any");
    table.string("verdict", 16).nullable().comment("believed | duplicate | doubted | unmatched; null: not read yet");
    table.string("note", 500).nullable();
    table.string("receipt", 32).nullable();
    table.bigInteger("processed_at").nullable();
    table.index(["processed_at", "received_at"]);
    table.index(["payment_id"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("callbacks");
}
