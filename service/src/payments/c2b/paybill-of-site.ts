import type { DarajaCredentials } from "../../daraja/daraja-types.ts";
import type { Clock } from "../../platform/clock.ts";
import type { MoneyStore } from "./unassigned-money-store.ts";

/** Where a site's payers may send money by hand, so that we hear of it; null: nowhere. */
export type PaybillOfSite = (siteId: string) => Promise<{ paybill: string } | null>;

/** A registration is done once in a deployment's life; every copy knows of it after this time. */
const FRESH_FOR_MS = 30_000;

type Parts = { money: Pick<MoneyStore, "hasAddress">; credentialsOf(siteId: string): Promise<DarajaCredentials | null>; now: Clock };

/** Ways to pay by hand are shown only where Safaricom reports such money to us: without that a parent would wait for ever. */
export function createPaybillOfSite({ money, credentialsOf, now }: Parts): PaybillOfSite {
  const known = new Map<string, { registered: boolean; readAtMs: number }>();

  const isRegistered = async (shortcode: string): Promise<boolean> => {
    const fresh = known.get(shortcode);
    if (fresh && now() - fresh.readAtMs < FRESH_FOR_MS) return fresh.registered;
    const registered = await money.hasAddress(shortcode).catch(() => fresh?.registered ?? false);
    known.set(shortcode, { registered, readAtMs: now() });
    return registered;
  };
  return async (siteId) => {
    const credentials = await credentialsOf(siteId);
    // A till's menu asks for no account number: money to it cannot be given to a booking.
    if (!credentials || credentials.till !== undefined || !(await isRegistered(credentials.shortcode))) return null;
    return { paybill: credentials.shortcode };
  };
}
