import type { Knex } from "knex";

/**
 * `surplus` was 0 or 1, and also marked money that was less than the price. It becomes the whole shillings that a booking did not need: nothing
 * where no session was booked, for such money now counts as a part payment.
 */
export async function up(knex: Knex): Promise<void> {
  const booked = knex("sessions").select("pending_session_id");
  await knex("payments").where({ surplus: 1 }).whereNotIn("pending_session_id", booked.clone()).update({ surplus: 0 });
  await knex("payments")
    .where({ surplus: 1 })
    .whereIn("pending_session_id", booked.clone())
    .update({ surplus: knex.ref("amount") });
}

export async function down(knex: Knex): Promise<void> {
  await knex("payments").where("surplus", ">", 1).update({ surplus: 1 });
}
