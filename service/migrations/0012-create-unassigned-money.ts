import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("unassigned_money", (table) => {
    table.string("receipt", 32).primary().comment("M-Pesa's: counts once, ever");
    table.string("shortcode", 16).notNullable();
    table.string("account_number", 40).notNullable().comment("as the payer typed it");
    table.integer("amount").notNullable().comment("whole shillings");
    table.string("payer", 64).notNullable().comment("masked by M-Pesa");
    table.string("why", 200).notNullable();
    table.bigInteger("paid_at").notNullable();
    table.bigInteger("received_at").notNullable();
    table.string("payment_id", 64).nullable().references("payments.id").comment("once the owner has assigned it");
    table.index(["payment_id", "received_at"]);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable("unassigned_money");
}
