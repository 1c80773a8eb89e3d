import { timingSafeEqual } from "node:crypto";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import type { Clock } from "../platform/clock.ts";
import { hashSecret } from "../platform/ids.ts";
import type { SiteStore } from "./site-store.ts";
import type { Site } from "./site.ts";

/** A site that was added or changed is known to every copy after this time. */
const FRESH_FOR_MS = 2_000;
/** Made-up keys must not make every request read the table. */
const MIN_REREAD_MS = 200;

/** The sites by what a request names them with. They are few and change rarely, so each copy keeps them all for a moment. */
export type SiteDirectory = {
  byId(siteId: string): Promise<Site | null>;
  byPublishableKey(key: string): Promise<Site | null>;
  bySecretKey(key: string): Promise<Site | null>;
  /** Whether any site allows it: all that a preflight can be judged by. */
  isKnownOrigin(origin: string): Promise<boolean>;
  /** The account that a site's payments go to; null when there is none. */
  credentialsOf(siteId: string): Promise<DarajaCredentials | null>;
  /** Whether the site's server wants to be told of payments. */
  hasWebhook(siteId: string): Promise<boolean>;
};

export function createSiteDirectory(store: SiteStore, now: Clock, deploymentCredentials: DarajaCredentials | null): SiteDirectory {
  let sites: Promise<Site[]> | null = null;
  let readAtMs = 0;

  const all = (): Promise<Site[]> => {
    if (!sites || now() - readAtMs >= FRESH_FOR_MS) {
      const previous = sites;
      readAtMs = now();
      // With the database away, what was known stays known: open pages go on, and a callback needs no site at all.
      sites = store.all().catch((error: unknown) => {
        if (!previous) {
          sites = null;
          throw error;
        }
        return previous;
      });
    }
    return sites;
  };
  const find = async (matches: (site: Site) => boolean): Promise<Site | null> => (await all()).find(matches) ?? null;
  /** Somebody who just added a site must not be told that it does not exist. */
  const findFresh = async (matches: (site: Site) => boolean): Promise<Site | null> => {
    const found = await find(matches);
    if (found || now() - readAtMs < MIN_REREAD_MS) return found;
    readAtMs = now() - FRESH_FOR_MS;
    return find(matches);
  };

  return {
    byId: (siteId) => findFresh(({ id }) => id === siteId),
    byPublishableKey: (key) => findFresh(({ publishableKey }) => isSame(publishableKey, key)),
    bySecretKey: (key) => findFresh(({ secretKeyHash }) => isSame(secretKeyHash, hashSecret(key))),
    isKnownOrigin: async (origin) => (await find(({ allowedOrigins }) => allowedOrigins.includes(origin))) !== null,
    async credentialsOf(siteId) {
      const site = await findFresh(({ id }) => id === siteId);
      return site?.mpesa ?? deploymentCredentials;
    },
    hasWebhook: async (siteId) => ((await findFresh(({ id }) => id === siteId))?.webhookUrl ?? null) !== null,
  };
}

function isSame(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
