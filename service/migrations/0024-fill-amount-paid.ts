import type { Knex } from "knex";

const ARRIVED = "(SELECT COALESCE(SUM(amount), 0) FROM payments WHERE pending_session_id = pending_sessions.id AND status = 'paid')";

export async function up(knex: Knex): Promise<void> {
  await knex("pending_sessions").update({ amount_paid: knex.raw(ARRIVED) });
}

export async function down(knex: Knex): Promise<void> {
  await knex("pending_sessions").update({ amount_paid: 0 });
}
