import type { Knex } from "knex";
import type { SiteDirectory } from "../../sites/site-directory.ts";

/** What a site's owner may see and decide: the site's own payments, and money on a paybill that no other site of this deployment uses. */
export type SiteScope = {
  siteId: string;
  /** null: other sites use the paybill too, so money that matches no booking may be theirs. */
  shortcode: string | null;
};

export async function scopeOf(sites: SiteDirectory, siteId: string): Promise<SiteScope> {
  const account = (await sites.isAloneOnAccount(siteId)) ? await sites.accounts.ofSite(siteId) : null;
  return { siteId, shortcode: account?.credentials.shortcode ?? null };
}

/** A site's callbacks: about its payments, or about money on its own paybill. */
export function callbacksOf(knex: Knex, query: Knex.QueryBuilder, scope: SiteScope | null): Knex.QueryBuilder {
  if (scope === null) return query;
  return query.andWhere((own) => {
    void own.whereIn("callbacks.payment_id", knex("payments").where({ site_id: scope.siteId }).select("id"));
    if (scope.shortcode === null) return;
    const ownAddresses = knex("c2b_addresses").where({ shortcode: scope.shortcode }).select("secret_hash");
    void own.orWhere((reported) => void reported.whereNull("callbacks.payment_id").whereIn("callbacks.secret_hash", ownAddresses));
  });
}
