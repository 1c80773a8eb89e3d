/** The operator's commands for secret keys: `somopay keys list | add | rotate | revoke`. */
import { createApiKeyStore, type ApiKeyStore, type NewApiKey } from "../sites/api-key-store.ts";
import { isEnded, type ApiKey, type KeyAccess } from "../sites/api-key.ts";
import type { SiteStore } from "../sites/site-store.ts";
import type { Database } from "../platform/database.ts";
import { createIds } from "../platform/ids.ts";

type Write = (line: string) => void;

const HOUR_MS = 60 * 60_000;

function keysIn(database: Database): ApiKeyStore {
  return createApiKeyStore({ database, ids: createIds(Date.now), now: Date.now });
}

/** Lists a site's secret keys: id, what it may do, its last characters, name, and when it was made, last used and replaced. */
export async function listKeys(database: Database, sites: SiteStore, site: string, write: Write): Promise<boolean> {
  const siteId = await siteIdOf(sites, site, write);
  if (siteId === null) return false;
  for (const key of await keysIn(database).ofSite(siteId)) write(describe(key, Date.now()));
  return true;
}

/** Makes another key for a site and prints it, as JSON. It is shown this once. */
export async function addKey(
  database: Database,
  sites: SiteStore,
  { site, name, access }: { site: string; name: string; access: KeyAccess },
  write: Write,
): Promise<boolean> {
  const siteId = await siteIdOf(sites, site, write);
  if (siteId === null) return false;
  write(asJson(await keysIn(database).add({ siteId, name, access })));
  return true;
}

/** Makes a new key in place of another, which stays good for some hours, so that servers can be changed one by one. */
export async function rotateKey(database: Database, keyId: string, overlapHours: number, write: Write): Promise<boolean> {
  const made = await keysIn(database).rotate(keyId, overlapHours * HOUR_MS);
  write(made ? asJson(made) : NO_SUCH_KEY);
  return made !== null;
}

/** Ends a key: running copies refuse it within two seconds. */
export async function revokeKey(database: Database, keyId: string, write: Write): Promise<boolean> {
  const isRevoked = await keysIn(database).revoke(keyId);
  write(isRevoked ? "Revoked. Running copies refuse it within two seconds." : NO_SUCH_KEY);
  return isRevoked;
}

const NO_SUCH_KEY = "There is no such key, or it has ended already. See: somopay keys list SITE";

async function siteIdOf(store: SiteStore, named: string, write: Write): Promise<string | null> {
  const { sites } = await store.all();
  const site = sites.find(({ id }) => id === named) ?? sites.find(({ name }) => name === named);
  if (!site) write("There is no site with this id or name. See: somopay site list");
  return site?.id ?? null;
}

function asJson({ key, secret }: NewApiKey): string {
  return JSON.stringify({ keyId: key.id, name: key.name, access: key.access, secretKey: secret });
}

function describe(key: ApiKey, nowMs: number): string {
  const { id, name, access, ending, createdAtMs, lastUsedAtMs, endsAtMs } = key;
  const time = (atMs: number): string => new Date(atMs).toISOString();
  const end = endsAtMs === null ? [] : [`${isEnded(key, nowMs) ? "ended" : "ends"} ${time(endsAtMs)}`];
  return [
    id,
    access,
    ending === null ? "" : `…${ending}`,
    name,
    `made ${time(createdAtMs)}`,
    lastUsedAtMs === null ? "not used" : `used ${time(lastUsedAtMs)}`,
    ...end,
  ].join("\t");
}
