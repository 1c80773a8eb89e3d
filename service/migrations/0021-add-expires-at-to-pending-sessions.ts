import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => {
    table.bigInteger("expires_at").notNullable().defaultTo(0).comment("an unpaid booking lapses then");
    table.index(["status", "expires_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("pending_sessions", (table) => {
    table.dropIndex(["status", "expires_at"]);
    table.dropColumn("expires_at");
  });
}
