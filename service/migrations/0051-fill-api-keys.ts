import type { Knex } from "knex";

/** Until now each site had one secret key. `sites.secret_key_hash` is read only by copies of the version before, until the last is replaced. */
export async function up(knex: Knex): Promise<void> {
  const first = knex("sites").select(
    knex.raw("CONCAT('key_', id)"),
    "id",
    knex.raw("'site file'"),
    knex.raw("'full'"),
    "secret_key_hash",
    "created_at",
  );
  await knex(knex.raw("?? (??, ??, ??, ??, ??, ??)", ["api_keys", "id", "site_id", "name", "access", "key_hash", "created_at"])).insert(
    first,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex("api_keys").delete();
}
