import type { Knex } from "knex";

/** The same for callbacks that led to nothing, or that are tried again and again. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    "ALTER TABLE callbacks ADD COLUMN listed INTEGER GENERATED ALWAYS AS (CASE WHEN verdict IN ('unverified', 'unmatched', 'unprocessable') OR tries >= 5 THEN 1 END) VIRTUAL",
  );
  await knex.schema.alterTable("callbacks", (table) => table.index(["listed", "received_at"]));
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable("callbacks", (table) => table.dropIndex(["listed", "received_at"]));
  await knex.raw("ALTER TABLE callbacks DROP COLUMN listed");
}
