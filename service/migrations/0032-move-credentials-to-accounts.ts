import type { Knex } from "knex";
import { z } from "zod";

const rowsSchema = z.array(z.object({ id: z.string(), mpesa_credentials: z.string(), updated_at: z.number() }));

/**
 * Each site's own credentials become an account, still sealed for the site: SECRETS_KEY is not needed. `sites.mpesa_credentials` stays until a later
 * release, because a copy of the version before would send a site without it to the environment's account.
 */
export async function up(knex: Knex): Promise<void> {
  const rows = rowsSchema.parse(await knex("sites").whereNotNull("mpesa_credentials").select("id", "mpesa_credentials", "updated_at"));
  for (const { id: siteId, mpesa_credentials: credentials, updated_at } of rows) {
    const id = siteId.replace(/^site/, "acct");
    await knex("mpesa_accounts").insert({ id, credentials, sealed_for: siteId, created_at: updated_at });
    await knex("sites").where({ id: siteId }).update({ mpesa_account_id: id });
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex("sites").update({ mpesa_account_id: null });
  await knex("mpesa_accounts").delete();
}
