import type { Knex } from "knex";

/** What these bookings were promised when they were made. */
const LIFE_MS = 24 * 60 * 60_000;

export async function up(knex: Knex): Promise<void> {
  await knex("pending_sessions")
    .where({ expires_at: 0 })
    .update({ expires_at: knex.raw("created_at + ?", [LIFE_MS]) });
}

export async function down(knex: Knex): Promise<void> {
  await knex("pending_sessions").update({ expires_at: 0 });
}
