import type { Knex } from "knex";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../platform/idempotency.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";
import { column, firstOrNull, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "../platform/row-mapper.ts";
import { endingOf, isEnded, keyAccesses, newKey, type ApiKey, type KeyAccess } from "./api-key.ts";
import { SiteFileError } from "./site-file.ts";

/** The key itself is shown once: only its hash is kept. */
export type NewApiKey = { key: ApiKey; secret: string };

export type ApiKeyStore = {
  /** Oldest first, also those that have ended. */
  ofSite(siteId: string): Promise<ApiKey[]>;
  add(wish: { siteId: string; name: string; access: KeyAccess }, claim?: IdempotencyClaim | null): Promise<NewApiKey>;
  /** A new key of the same name and access. The old one is good for `overlapMs` more. null: there is no such key, or it has ended. */
  rotate(keyId: string, overlapMs: number, claim?: IdempotencyClaim | null): Promise<NewApiKey | null>;
  /** Ends a key at once. Returns whether it was good until now. */
  revoke(keyId: string): Promise<boolean>;
  /** @param uses by key id, UTC milliseconds; an older use than the one on record changes nothing */
  noteUses(uses: ReadonlyMap<string, number>): Promise<void>;
};

const rows = rowMapper<ApiKey>({
  id: text("id"),
  siteId: text("site_id"),
  name: text("name"),
  access: column("access", z.enum(keyAccesses)),
  hash: text("key_hash"),
  ending: optionalText("ending"),
  createdAtMs: wholeNumber("created_at"),
  lastUsedAtMs: optionalNumber("last_used_at"),
  endsAtMs: optionalNumber("ends_at"),
});

type Parts = { ids: Ids; now: Clock };

export function createApiKeyStore({ database: { knex }, ids, now }: Parts & { database: Database }): ApiKeyStore {
  return {
    async ofSite(siteId) {
      const found = await knex("api_keys").where({ site_id: siteId }).orderBy(["created_at", "id"]);
      return found.map(rows.parse);
    },
    add: ({ siteId, name, access }, claim = null) =>
      knex.transaction(async (trx) => {
        const made = await insertNew(trx, { siteId, name, access }, { ids, now });
        await noteClaim(trx, claim, made.key.id);
        return made;
      }),
    rotate: (keyId, overlapMs, claim = null) =>
      knex.transaction(async (trx) => {
        const old = await firstOrNull(trx("api_keys").where({ id: keyId }).forUpdate(), rows.parse);
        if (!old || isEnded(old, now())) return null;
        // A key that ends sooner already keeps its end.
        const endsAtMs = Math.min(old.endsAtMs ?? Infinity, now() + overlapMs);
        await trx("api_keys").where({ id: keyId }).update({ ends_at: endsAtMs });
        const made = await insertNew(trx, old, { ids, now });
        await noteClaim(trx, claim, made.key.id);
        return made;
      }),
    async revoke(keyId) {
      const ended = await knex("api_keys")
        .where({ id: keyId })
        .andWhere((good) => void good.whereNull("ends_at").orWhere("ends_at", ">", now()))
        .update({ ends_at: now() });
      return ended > 0;
    },
    async noteUses(uses) {
      for (const [id, atMs] of uses)
        await knex("api_keys")
          .where({ id })
          .andWhere((older) => void older.whereNull("last_used_at").orWhere("last_used_at", "<", atMs))
          .update({ last_used_at: atMs });
    },
  };
}

export async function readKeys(knex: Knex): Promise<ApiKey[]> {
  return (await knex("api_keys")).map(rows.parse);
}

const FROM_SITE_FILE = "site file";

/** The key that `site add` made or that the site file has. Another one in the file replaces it at once. */
export async function keyFromSiteFile(
  trx: Knex.Transaction,
  { siteId, secretKey }: { siteId: string; secretKey: string },
  parts: Parts,
): Promise<void> {
  const nowMs = parts.now();
  const known = await firstOrNull(trx("api_keys").where({ site_id: siteId, key_hash: hashSecret(secretKey) }), rows.parse);
  if (known && isEnded(known, nowMs))
    throw new SiteFileError(["secretKey: this key was revoked or replaced; put another one into the file, or leave it out"]);
  if (known) return;
  await trx("api_keys")
    .where({ site_id: siteId, name: FROM_SITE_FILE })
    .andWhere((good) => void good.whereNull("ends_at").orWhere("ends_at", ">", nowMs))
    .update({ ends_at: nowMs });
  await insert(trx, { siteId, name: FROM_SITE_FILE, access: "full" }, secretKey, parts);
}

type Wish = Pick<ApiKey, "siteId" | "name" | "access">;

function insertNew(knex: Knex, wish: Wish, parts: Parts): Promise<NewApiKey> {
  return insert(knex, wish, newKey(wish.access === "full" ? "sk" : "rk"), parts);
}

async function insert(knex: Knex, { siteId, name, access }: Wish, secret: string, { ids, now }: Parts): Promise<NewApiKey> {
  const key: ApiKey = {
    id: ids.next("key"),
    siteId,
    name,
    access,
    hash: hashSecret(secret),
    ending: endingOf(secret),
    createdAtMs: now(),
    lastUsedAtMs: null,
    endsAtMs: null,
  };
  await knex("api_keys").insert(rows.toRow(key));
  return { key, secret };
}
