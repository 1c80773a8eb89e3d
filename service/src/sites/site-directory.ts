import { timingSafeEqual } from "node:crypto";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import type { Clock } from "../platform/clock.ts";
import { hashSecret } from "../platform/ids.ts";
import type { Logger } from "../platform/logger.ts";
import { accountOfPayment, accountOfShortcode, environmentAccount, type MpesaAccount, type SiteAccounts } from "./mpesa-account.ts";
import { isEnded, type ApiKey } from "./api-key.ts";
import type { SiteRecords, SiteStore } from "./site-store.ts";
import type { Site, UnreadableSite } from "./site.ts";

/** After this time, every copy knows a site that was added or changed. */
const FRESH_FOR_MS = 2_000;
/** Requests with invented keys must not each read the table. */
const MIN_REREAD_MS = 200;

/** Finds sites by id, key or origin. There are few and they change rarely, so each copy caches all of them for a moment. */
export type SiteDirectory = {
  byId(siteId: string): Promise<Site | null>;
  byPublishableKey(key: string): Promise<Site | null>;
  /** The site of a secret key that is good now, and what the key may do. */
  bySecretKey(key: string): Promise<{ site: Site; key: ApiKey } | null>;
  /** Whether any site allows this origin. A preflight names no site, so this is all that can be checked. */
  isKnownOrigin(origin: string): Promise<boolean>;
  accounts: SiteAccounts;
  /** Whether no other site uses the site's M-Pesa account, nor its paybill with other credentials. */
  isAloneOnAccount(siteId: string): Promise<boolean>;
  /** Sites of which something cannot be read; the others are not affected. */
  unreadable(): Promise<UnreadableSite[]>;
  /** The next look-up reads the tables again: this copy has just changed them. */
  reread(): void;
  /** Names them in the log, at the start. Nothing is cached by it: the first request finds what was added since. */
  logUnreadable(): Promise<void>;
};

export type SiteDirectoryParts = {
  store: Pick<SiteStore, "all">;
  now: Clock;
  /** The environment's account. */
  deploymentCredentials: DarajaCredentials | null;
  logger: Logger;
  /** For the record of when a key was last used. Must not wait for anything. */
  onKeyUsed?: (keyId: string) => void;
};

export function createSiteDirectory({ store, now, deploymentCredentials, logger, onKeyUsed }: SiteDirectoryParts): SiteDirectory {
  const environment = deploymentCredentials && environmentAccount(deploymentCredentials);
  const noteUnreadable = createNote(logger);
  let records: Promise<SiteRecords> | null = null;
  let readAtMs = 0;

  const read = async (): Promise<SiteRecords> => {
    const found = await store.all();
    noteUnreadable(found.unreadable);
    return found;
  };
  const all = (): Promise<SiteRecords> => {
    if (!records || now() - readAtMs >= FRESH_FOR_MS) {
      const previous = records;
      readAtMs = now();
      // While the database is down, the cached sites stay in use, so that open pages keep working.
      records = read().catch((error: unknown) => {
        if (!previous) {
          records = null;
          throw error;
        }
        return previous;
      });
    }
    return records;
  };
  const find = async (matches: (site: Site) => boolean): Promise<Site | null> => (await all()).sites.find(matches) ?? null;
  const expire = (): void => void (readAtMs = now() - FRESH_FOR_MS);
  const isJustRead = (): boolean => now() - readAtMs < MIN_REREAD_MS;
  /** Reads again before reporting that a site does not exist, because it may just have been added. */
  const findFresh = async (matches: (site: Site) => boolean): Promise<Site | null> => {
    const found = await find(matches);
    if (found || isJustRead()) return found;
    expire();
    return find(matches);
  };
  const findKey = async (hash: string): Promise<{ site: Site; key: ApiKey } | null> => {
    const { sites, keys } = await all();
    const key = keys.find((candidate) => isSame(candidate.hash, hash));
    const site = key && sites.find(({ id }) => id === key.siteId);
    if (!site || isEnded(key, now())) return null;
    onKeyUsed?.(key.id);
    return { site, key };
  };
  /** Ids come from rows of our own, so a site that is not found is new, however lately the table was read; or it cannot be read. */
  const byId = async (siteId: string): Promise<Site | null> => {
    const matches = ({ id }: { id: string }): boolean => id === siteId;
    const found = await find(matches);
    if (found || (await all()).unreadable.some(matches)) return found;
    expire();
    return find(matches);
  };
  const own = async (site: Site): Promise<MpesaAccount | null> => {
    const stored = (await all()).accounts.find(({ id }) => id === site.mpesaAccountId);
    return stored?.credentials ? { id: stored.id, credentials: stored.credentials } : null;
  };
  const ofSite = async (siteId: string): Promise<MpesaAccount | null> => {
    const site = await byId(siteId);
    // A site that cannot be read may have an account of its own: nothing of it may go to the environment's.
    if (site === null) return null;
    return site.mpesaAccountId === null ? environment : own(site);
  };

  return {
    byId,
    byPublishableKey: (key) => findFresh(({ publishableKey }) => isSame(publishableKey, key)),
    async bySecretKey(secret) {
      const hash = hashSecret(secret);
      const found = await findKey(hash);
      if (found || isJustRead()) return found;
      expire();
      return findKey(hash);
    },
    isKnownOrigin: async (origin) => (await find(({ allowedOrigins }) => allowedOrigins.includes(origin))) !== null,
    accounts: {
      ofSite,
      async ofPayment({ siteId, mpesaAccountId }) {
        const known = { ofSite: await ofSite(siteId), environment };
        const found = accountOfPayment(mpesaAccountId, { ...known, stored: (await all()).accounts });
        if (found || isJustRead()) return found;
        // Another copy may just have added it.
        expire();
        return accountOfPayment(mpesaAccountId, { ...known, stored: (await all()).accounts });
      },
      ofShortcode: async (shortcode) => accountOfShortcode(shortcode, { environment, stored: (await all()).accounts }),
      isUnreadable: async (siteId) => (await all()).unreadable.some(({ id }) => id === siteId),
    },
    async isAloneOnAccount(siteId) {
      const { sites, accounts, unreadable } = await all();
      const site = sites.find(({ id }) => id === siteId);
      if (!site || unreadable.length > 0) return false;
      const paybillOf = ({ mpesaAccountId }: Site): string | null => {
        if (mpesaAccountId === null) return environment?.credentials.shortcode ?? null;
        const stored = accounts.find(({ id }) => id === mpesaAccountId);
        return stored?.credentials?.shortcode ?? stored?.shortcode ?? null;
      };
      const others = sites.filter(({ id }) => id !== siteId);
      return others.every((other) => other.mpesaAccountId !== site.mpesaAccountId && paybillOf(other) !== paybillOf(site));
    },
    unreadable: async () => (await all()).unreadable,
    reread: expire,
    logUnreadable: async () => void (await read()),
  };
}

/** Logs each site once when it cannot be read, and when it can again: the sites are read every two seconds. */
function createNote(logger: Logger): (unreadable: UnreadableSite[]) => void {
  let noted = new Map<string, UnreadableSite>();
  return (unreadable) => {
    for (const { id, name, problem } of unreadable) {
      if (noted.get(id)?.problem === problem) continue;
      logger.error({ siteId: id, site: name, problem }, "a site cannot be read; the other sites are not affected");
    }
    const now = new Map(unreadable.map((site) => [site.id, site]));
    for (const { id, name } of noted.values()) if (!now.has(id)) logger.info({ siteId: id, site: name }, "the site can be read again");
    noted = now;
  };
}

function isSame(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
