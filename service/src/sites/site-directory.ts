import { timingSafeEqual } from "node:crypto";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import type { Clock } from "../platform/clock.ts";
import { hashSecret } from "../platform/ids.ts";
import type { SiteStore } from "./site-store.ts";
import type { Site } from "./site.ts";

/** After this time, every copy knows a site that was added or changed. */
const FRESH_FOR_MS = 2_000;
/** Requests with invented keys must not each read the table. */
const MIN_REREAD_MS = 200;

/** Finds sites by id, key or origin. There are few and they change rarely, so each copy caches all of them for a moment. */
export type SiteDirectory = {
  byId(siteId: string): Promise<Site | null>;
  byPublishableKey(key: string): Promise<Site | null>;
  bySecretKey(key: string): Promise<Site | null>;
  /** Whether any site allows this origin. A preflight names no site, so this is all that can be checked. */
  isKnownOrigin(origin: string): Promise<boolean>;
  /** The M-Pesa account of the site, or else the deployment's; null if there is neither. */
  credentialsOf(siteId: string): Promise<DarajaCredentials | null>;
  /** Whether the site has a webhook URL. */
  hasWebhook(siteId: string): Promise<boolean>;
};

export function createSiteDirectory(store: SiteStore, now: Clock, deploymentCredentials: DarajaCredentials | null): SiteDirectory {
  let sites: Promise<Site[]> | null = null;
  let readAtMs = 0;

  const all = (): Promise<Site[]> => {
    if (!sites || now() - readAtMs >= FRESH_FOR_MS) {
      const previous = sites;
      readAtMs = now();
      // While the database is down, the cached sites stay in use, so that open pages keep working.
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
  /** Reads again before reporting that a site does not exist, because it may just have been added. */
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
