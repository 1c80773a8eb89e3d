import type { Clock } from "../../platform/clock.ts";
import type { SiteAccounts } from "../../sites/mpesa-account.ts";
import type { C2bAddresses } from "./c2b-addresses.ts";

/** The paybill to which a site's parents can pay by hand; null: there is none. */
export type PaybillOfSite = (siteId: string) => Promise<string | null>;

/** A registration is done once in a deployment's life; every copy knows of it after this time. */
const FRESH_FOR_MS = 30_000;

type Parts = { addresses: Pick<C2bAddresses, "has">; accounts: Pick<SiteAccounts, "ofSite">; now: Clock };

/** Paying by hand is offered only if Safaricom reports such payments to us: otherwise the parent would wait in vain. */
export function createPaybillOfSite({ addresses, accounts, now }: Parts): PaybillOfSite {
  const known = new Map<string, { registered: boolean; readAtMs: number }>();

  const isRegistered = async (shortcode: string): Promise<boolean> => {
    const fresh = known.get(shortcode);
    if (fresh && now() - fresh.readAtMs < FRESH_FOR_MS) return fresh.registered;
    const registered = await addresses.has(shortcode).catch(() => fresh?.registered ?? false);
    known.set(shortcode, { registered, readAtMs: now() });
    return registered;
  };
  return async (siteId) => {
    const credentials = (await accounts.ofSite(siteId))?.credentials;
    // A till's menu asks for no account number, so its payments cannot be matched to a booking.
    if (!credentials || credentials.till !== undefined || !(await isRegistered(credentials.shortcode))) return null;
    return credentials.shortcode;
  };
}
