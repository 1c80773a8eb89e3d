import type { Knex } from "knex";

/** Where owners' servers are told what happened. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("webhook_endpoints", (table) => {
    table.string("id", 64).primary();
    table.string("site_id", 64).notNullable().references("sites.id");
    table.string("url", 500).notNullable();
    table.string("events", 500).nullable().comment("the types it wants, with a blank around each; null: all");
    table.string("status", 16).notNullable().comment("enabled | disabled");
    table.string("disabled_why", 32).nullable().comment("gone | failing | owner | site_file; null: it is enabled");
    table.integer("is_from_site_file").notNullable().defaultTo(0);
    table.text("secret").notNullable().comment("encrypted with SECRETS_KEY");
    table.text("previous_secret").nullable().comment("encrypted; signs too until the time beside it");
    table.bigInteger("previous_secret_until").nullable();
    table.bigInteger("failing_since").nullable().comment("the first failure since the last success; null: none");
    table.string("last_failure", 200).nullable();
    table.bigInteger("told_failing_at").nullable().comment("when the owner was told that it has failed for a day");
    table.bigInteger("created_at").notNullable();
    table.bigInteger("updated_at").notNullable();
    table.index(["site_id"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("webhook_endpoints");
}
