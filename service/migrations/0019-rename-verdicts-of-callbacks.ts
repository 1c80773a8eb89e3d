import type { Knex } from "knex";

const NEW_NAMES = { believed: "verified", doubted: "unverified" };

export async function up(knex: Knex): Promise<void> {
  for (const [old, verdict] of Object.entries(NEW_NAMES)) await knex("callbacks").where({ verdict: old }).update({ verdict });
}

export async function down(knex: Knex): Promise<void> {
  for (const [old, verdict] of Object.entries(NEW_NAMES)) await knex("callbacks").where({ verdict }).update({ verdict: old });
}
