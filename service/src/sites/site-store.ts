import { randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { z } from "zod";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import type { Clock } from "../platform/clock.ts";
import { uniqueViolation, type Database } from "../platform/database.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";
import { seal, unseal } from "../platform/secret-box.ts";
import { SiteFileError, type SiteFile } from "./site-file.ts";
import type { Site } from "./site.ts";

/** `secretKey` is null if the site keeps its current one, of which only the hash is stored. */
export type AddedSite = { siteId: string; publishableKey: string; secretKey: string | null };

export type SiteStore = {
  /** Adds the site, or updates the one of the same name. */
  add(file: SiteFile): Promise<AddedSite>;
  all(): Promise<Site[]>;
};

export type SiteStoreParts = { database: Database; ids: Ids; now: Clock; secretsKey: Buffer | null };

const siteRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  allowed_origins: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  publishable_key: z.string(),
  secret_key_hash: z.string(),
  webhook_url: z.string().nullable(),
  mpesa_credentials: z.string().nullable(),
});

const typeRowSchema = z.object({
  site_id: z.string(),
  code: z.string(),
  name: z.string(),
  amount: z.number(),
  duration_minutes: z.number(),
});

const credentialsSchema = z
  .object({
    consumerKey: z.string(),
    consumerSecret: z.string(),
    shortcode: z.string(),
    passkey: z.string(),
    till: z.string().optional(),
    initiator: z.object({ name: z.string(), password: z.string(), certificate: z.string() }).optional(),
  })
  .transform(({ till, initiator, ...rest }): DarajaCredentials => ({
    ...rest,
    ...(till !== undefined && { till }),
    ...(initiator !== undefined && { initiator }),
  }));

export function createSiteStore(parts: SiteStoreParts): SiteStore {
  const { knex } = parts.database;
  return {
    add: (file) =>
      knex
        .transaction((trx) => addSite(trx, file, parts))
        .catch((error: unknown) => {
          const key = uniqueViolation(error);
          if (key?.includes("_key")) throw new SiteFileError(["publishableKey or secretKey: another site already uses this key"]);
          throw error;
        }),
    async all() {
      const sites = (await knex("sites").orderBy("created_at")).map((row: unknown) => siteRowSchema.parse(row));
      const types = (await knex("session_types").orderBy(["site_id", "position"])).map((row: unknown) => typeRowSchema.parse(row));
      return sites.map((site) => toSite(site, types, parts.secretsKey));
    },
  };
}

async function addSite(trx: Knex.Transaction, file: SiteFile, { ids, now, secretsKey }: SiteStoreParts): Promise<AddedSite> {
  const existing = siteRowSchema.optional().parse(await trx("sites").where({ name: file.name }).first());
  const siteId = existing?.id ?? ids.next("site");
  const publishableKey = file.publishableKey ?? existing?.publishable_key ?? `pk_${newKey()}`;
  const secretKey = file.secretKey ?? (existing ? null : `sk_${newKey()}`);
  const row = {
    name: file.name,
    allowed_origins: JSON.stringify(file.allowedOrigins),
    publishable_key: publishableKey,
    webhook_url: file.webhookUrl ?? null,
    mpesa_credentials: file.mpesa ? sealCredentials(file.mpesa, secretsKey, siteId) : null,
    updated_at: now(),
    ...(secretKey !== null && { secret_key_hash: hashSecret(secretKey) }),
  };
  if (existing) await trx("sites").where({ id: siteId }).update(row);
  else await trx("sites").insert({ id: siteId, created_at: now(), ...row });
  await trx("session_types").where({ site_id: siteId }).delete();
  for (const [position, type] of file.sessionTypes.entries()) {
    const { code, name, amount, durationMinutes } = type;
    await trx("session_types").insert({
      id: ids.next("st"),
      site_id: siteId,
      code,
      name,
      amount,
      duration_minutes: durationMinutes,
      position,
    });
  }
  return { siteId, publishableKey, secretKey };
}

function newKey(): string {
  return randomBytes(24).toString("hex");
}

function sealCredentials(credentials: NonNullable<SiteFile["mpesa"]>, secretsKey: Buffer | null, siteId: string): string {
  if (!secretsKey)
    throw new SiteFileError([
      "mpesa: set SECRETS_KEY first, because credentials are stored encrypted (create one with `openssl rand -hex 32`)",
    ]);
  return seal(secretsKey, JSON.stringify(credentials), siteId);
}

function toSite(row: z.infer<typeof siteRowSchema>, types: z.infer<typeof typeRowSchema>[], secretsKey: Buffer | null): Site {
  return {
    id: row.id,
    name: row.name,
    allowedOrigins: row.allowed_origins,
    publishableKey: row.publishable_key,
    secretKeyHash: row.secret_key_hash,
    webhookUrl: row.webhook_url,
    mpesa: row.mpesa_credentials === null ? null : unsealCredentials(row.mpesa_credentials, secretsKey, row),
    sessionTypes: types
      .filter(({ site_id }) => site_id === row.id)
      .map(({ code, name, amount, duration_minutes }) => ({ code, name, amountKes: amount, durationMinutes: duration_minutes })),
  };
}

function unsealCredentials(text: string, secretsKey: Buffer | null, { id, name }: { id: string; name: string }): DarajaCredentials {
  if (!secretsKey) throw new Error(`site "${name}" has its own M-Pesa credentials, but SECRETS_KEY is not set`);
  try {
    return credentialsSchema.parse(JSON.parse(unseal(secretsKey, text, id)));
  } catch (error) {
    throw new Error(`the M-Pesa credentials of site "${name}" cannot be read: is SECRETS_KEY the one they were stored with?`, {
      cause: error,
    });
  }
}
