import type { Knex } from "knex";

/** Which shortcode the environment names is not known here: `env` is its account, whatever the shortcode. */
const ACCOUNT_OF_SITE = "(SELECT COALESCE(sites.mpesa_account_id, 'env') FROM sites WHERE sites.id = payments.site_id)";

/** Until now every payment used its site's account. From now on a site may change it, and these payments keep theirs. */
export async function up(knex: Knex): Promise<void> {
  await knex("payments")
    .whereNull("mpesa_account_id")
    .update({ mpesa_account_id: knex.raw(ACCOUNT_OF_SITE) });
}

export async function down(knex: Knex): Promise<void> {
  await knex("payments").update({ mpesa_account_id: null });
}
