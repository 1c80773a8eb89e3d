import type { DarajaCredentials } from "../daraja/daraja-types.ts";

/** An M-Pesa account and its id. Rows of `mpesa_accounts` never change; the environment's account has no row, its id names its shortcode. */
export type MpesaAccount = { id: string; credentials: DarajaCredentials };

/** A row of `mpesa_accounts`. `credentials`: null if SECRETS_KEY does not open them. `shortcode`: null if only they tell it. */
export type StoredAccount = { id: string; shortcode: string | null; credentials: DarajaCredentials | null };

/** What a payment keeps of its account. null: it was begun by a version that did not keep it. */
export type PaymentAccount = { siteId: string; mpesaAccountId: string | null };

/** Which M-Pesa account money goes to, and is asked about. */
export type SiteAccounts = {
  /** Of the site's new payments; null: it has none, or it cannot be read. */
  ofSite(siteId: string): Promise<MpesaAccount | null>;
  /**
   * The one that the payment was made with, whatever the site uses now; its credentials are the newest that are known for its shortcode. null: it
   * cannot be read, or was the environment's and is not any more.
   */
  ofPayment(payment: PaymentAccount): Promise<MpesaAccount | null>;
  /** The one of this paybill or till, whoever's it is: for money of which only that is known. null: it is not known here, or cannot be read. */
  ofShortcode(shortcode: string): Promise<MpesaAccount | null>;
  /** Whether the site has an account of its own that cannot be read. */
  isUnreadable(siteId: string): Promise<boolean>;
};

const ENVIRONMENT_PREFIX = "env:";
/** Payments from before accounts were kept, of sites without one of their own: the environment's account, whatever its shortcode. */
const ENVIRONMENT_THEN = "env";

export function environmentAccount(credentials: DarajaCredentials): MpesaAccount {
  return { id: `${ENVIRONMENT_PREFIX}${credentials.shortcode}`, credentials };
}

/** What is known when a payment's account is looked up. */
export type KnownAccounts = {
  ofSite: MpesaAccount | null;
  environment: MpesaAccount | null;
  stored: readonly StoredAccount[];
};

/** Pure: `SiteAccounts.ofShortcode`. `stored`: oldest first, so that the newest credentials are used. */
export function accountOfShortcode(shortcode: string, { environment, stored }: Omit<KnownAccounts, "ofSite">): MpesaAccount | null {
  const readable = stored.flatMap(({ id, credentials }) => (credentials ? [{ id, credentials }] : []));
  const all = [...(environment ? [environment] : []), ...readable];
  return all.findLast(({ credentials }) => credentials.shortcode === shortcode || credentials.till === shortcode) ?? null;
}

/** Pure: `SiteAccounts.ofPayment`. */
export function accountOfPayment(id: string | null, { ofSite, environment, stored }: KnownAccounts): MpesaAccount | null {
  if (id === null) return ofSite;
  if (id === ENVIRONMENT_THEN) return environment;
  const row = stored.find((account) => account.id === id);
  const own = row?.credentials ? { id, credentials: row.credentials } : null;
  const shortcode = id.startsWith(ENVIRONMENT_PREFIX)
    ? id.slice(ENVIRONMENT_PREFIX.length)
    : (row?.shortcode ?? own?.credentials.shortcode ?? null);
  // From before accounts were kept and not readable: as it was then, the site's is used.
  if (shortcode === null) return row ? ofSite : null;
  // The site's first: after a key was replaced, the old one is refused, and the shortcode is still the same business.
  return [ofSite, own, environment].find((account) => account?.credentials.shortcode === shortcode) ?? null;
}
