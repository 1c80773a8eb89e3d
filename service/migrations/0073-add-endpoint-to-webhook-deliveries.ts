import type { Knex } from "knex";

/**
 * One row for each message and endpoint. No foreign key to the endpoint: it would lock the endpoint's row in every payment's transaction. `status` is null
 * in rows from before.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("webhook_deliveries", (table) => {
    table.string("endpoint_id", 64).nullable();
    table.string("message_id", 64).nullable();
    table.string("booking_id", 64).nullable();
    table.bigInteger("sequence").nullable();
    table.string("status", 16).nullable().comment("waiting | delivered | failed");
    table.string("lease_id", 64).nullable().comment("of the copy that is sending it, until next_attempt_at");
    table.bigInteger("last_attempt_at").nullable();
    table.integer("last_status").nullable().comment("of the last answer; null: there was none");
    table.string("last_problem", 200).nullable().comment("why the last try failed");
    table.text("last_answer").nullable().comment("the beginning of its body, for the site alone");
    table.index(["endpoint_id", "status", "next_attempt_at"], "webhook_deliveries_due");
    table.index(["endpoint_id", "booking_id", "status", "sequence"], "webhook_deliveries_order");
    table.index(["endpoint_id", "created_at"], "webhook_deliveries_list");
    table.index(["site_id", "created_at"], "webhook_deliveries_site");
    table.index(["message_id"]);
    table.index(["created_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  // The key to the site needs an index, and has given up its own for one of these.
  await knex.schema.alterTable("webhook_deliveries", (table) => table.index(["site_id"], "webhook_deliveries_site_id_foreign"));
  await knex.schema.alterTable("webhook_deliveries", (table) => {
    for (const name of ["due", "order", "list", "site"]) table.dropIndex([], `webhook_deliveries_${name}`);
    table.dropIndex(["message_id"]);
    table.dropIndex(["created_at"]);
    table.dropColumns(
      "endpoint_id",
      "message_id",
      "booking_id",
      "sequence",
      "status",
      "lease_id",
      "last_attempt_at",
      "last_status",
      "last_problem",
      "last_answer",
    );
  });
}
