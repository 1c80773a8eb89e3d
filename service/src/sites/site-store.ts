import type { Knex } from "knex";
import { z } from "zod";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import type { Clock } from "../platform/clock.ts";
import { uniqueViolation, type Database } from "../platform/database.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";
import { seal } from "../platform/secret-box.ts";
import { accountIdFor, readAccounts } from "./account-store.ts";
import { newKey, type ApiKey } from "./api-key.ts";
import { keyFromSiteFile, readKeys } from "./api-key-store.ts";
import type { StoredAccount } from "./mpesa-account.ts";
import { SiteFileError, type SiteFile } from "./site-file.ts";
import type { Site, UnreadableSite } from "./site.ts";

/** `secretKey` is null if the site keeps its current one, of which only the hash is stored. */
export type AddedSite = {
  siteId: string;
  publishableKey: string;
  secretKey: string | null;
  /** Signs the webhooks; only if there is a new endpoint. */
  webhookSecret?: string;
};

/** `unreadable` are the sites with a problem: without a row that can be parsed they are not among `sites`; without their account they are. */
export type SiteRecords = { sites: Site[]; keys: ApiKey[]; accounts: StoredAccount[]; unreadable: UnreadableSite[] };

export type SiteStore = {
  /** Adds the site, or updates the one of the same name. */
  add(file: SiteFile): Promise<AddedSite>;
  all(): Promise<SiteRecords>;
  /** Changes what an owner may. `name_taken`: another site has the name. */
  change(
    siteId: string,
    change: { name?: string | undefined; allowedOrigins?: readonly string[] | undefined },
  ): Promise<"changed" | "name_taken">;
  /** Where its new payments go from now on. `no_key`: SECRETS_KEY is not set, so that nothing can be stored encrypted. */
  setAccount(siteId: string, credentials: DarajaCredentials): Promise<"set" | "no_key">;
};

/**
 * Makes the site's webhook endpoint what its file says, in the transaction that writes the site. The webhooks feature owns it.
 * @returns the secret of a new endpoint
 * @throws SiteFileError
 */
export type SiteFileWebhook = (trx: Knex.Transaction, siteId: string, url: string | null) => Promise<string | null>;

/** `setWebhook`: without it the address is only kept. */
export type SiteStoreParts = { database: Database; ids: Ids; now: Clock; secretsKey: Buffer | null; setWebhook?: SiteFileWebhook };

const siteRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  allowed_origins: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  publishable_key: z.string(),
  webhook_url: z.string().nullable(),
  mpesa_account_id: z.string().nullable(),
});

const typeRowSchema = z.object({
  site_id: z.string(),
  code: z.string(),
  name: z.string(),
  amount: z.number(),
  duration_minutes: z.number(),
});

/** As much as every row has, even one that cannot be parsed. */
const namedRowSchema = z.object({ id: z.string(), name: z.string() });
const typesOfSiteSchema = z.object({ site_id: z.string() });

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
      const rows: unknown[] = await knex("sites").orderBy("created_at");
      const types: unknown[] = await knex("session_types").orderBy(["site_id", "position"]);
      // After the sites, so that the account of each is there.
      const accounts = await readAccounts(knex, parts.secretsKey);
      return { ...readSites(rows, types, accounts, parts.secretsKey !== null), keys: await readKeys(knex), accounts };
    },
    async change(siteId, { name, allowedOrigins }) {
      const row = { ...(name !== undefined && { name }), ...(allowedOrigins && { allowed_origins: JSON.stringify(allowedOrigins) }) };
      try {
        await knex("sites")
          .where({ id: siteId })
          .update({ ...row, updated_at: parts.now() });
        return "changed";
      } catch (error) {
        if (uniqueViolation(error)?.includes("name")) return "name_taken";
        throw error;
      }
    },
    async setAccount(siteId, credentials) {
      if (parts.secretsKey === null) return "no_key";
      await knex.transaction(async (trx) => {
        const columns = await accountColumns(trx, credentials, siteId, parts);
        await trx("sites")
          .where({ id: siteId })
          .update({ ...columns, updated_at: parts.now() });
      });
      return "set";
    },
  };
}

/** One site that cannot be read takes no other with it. */
function readSites(
  rows: unknown[],
  types: unknown[],
  accounts: StoredAccount[],
  hasKey: boolean,
): Pick<SiteRecords, "sites" | "unreadable"> {
  const sites: Site[] = [];
  const unreadable: UnreadableSite[] = [];
  for (const row of rows) {
    const { id, name } = namedRowSchema.parse(row);
    try {
      const site = toSite(row, types);
      sites.push(site);
      if (accounts.some((account) => account.id === site.mpesaAccountId && account.credentials === null))
        unreadable.push({ id, name, problem: hasKey ? OTHER_KEY : NO_KEY });
    } catch (error) {
      unreadable.push({ id, name, problem: `its row cannot be read: ${reasonOf(error)}` });
    }
  }
  return { sites, unreadable };
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return error instanceof Error ? error.message : String(error);
}

const NO_KEY = "it has its own M-Pesa credentials, but SECRETS_KEY is not set";
const OTHER_KEY = "its M-Pesa credentials cannot be read: is SECRETS_KEY the one they were stored with?";

const existingSchema = z.object({ id: z.string(), publishable_key: z.string() }).optional();

async function addSite(trx: Knex.Transaction, file: SiteFile, parts: SiteStoreParts): Promise<AddedSite> {
  const { ids, now } = parts;
  const existing = existingSchema.parse(await trx("sites").where({ name: file.name }).first("id", "publishable_key"));
  const siteId = existing?.id ?? ids.next("site");
  const publishableKey = file.publishableKey ?? existing?.publishable_key ?? newKey("pk");
  const secretKey = file.secretKey ?? (existing ? null : newKey("sk"));
  const row = {
    name: file.name,
    allowed_origins: JSON.stringify(file.allowedOrigins),
    publishable_key: publishableKey,
    webhook_url: file.webhookUrl ?? null,
    ...(await accountColumns(trx, file.mpesa, siteId, parts)),
    updated_at: now(),
    // Read only by copies of the version before, until the last of them is replaced.
    ...(secretKey !== null && { secret_key_hash: hashSecret(secretKey) }),
  };
  if (existing) await trx("sites").where({ id: siteId }).update(row);
  else await trx("sites").insert({ id: siteId, created_at: now(), ...row });
  if (secretKey !== null) await keyFromSiteFile(trx, { siteId, secretKey }, parts);
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
  const webhookSecret = (await parts.setWebhook?.(trx, siteId, file.webhookUrl ?? null)) ?? null;
  return { siteId, publishableKey, secretKey, ...(webhookSecret !== null && { webhookSecret }) };
}

/** A file that says nothing about the account leaves it as it is; `null` means the environment's. */
async function accountColumns(
  trx: Knex.Transaction,
  mpesa: SiteFile["mpesa"],
  siteId: string,
  { ids, now, secretsKey }: SiteStoreParts,
): Promise<object> {
  if (mpesa === undefined) return {};
  if (mpesa === null) return { mpesa_account_id: null, mpesa_credentials: null };
  if (!secretsKey)
    throw new SiteFileError([
      "mpesa: set SECRETS_KEY first, because credentials are stored encrypted (create one with `openssl rand -hex 32`)",
    ]);
  return {
    mpesa_account_id: await accountIdFor(trx, mpesa, { ids, now, secretsKey }),
    // Read only by copies of the version before, until the last of them is replaced. Without it they would use the environment's account.
    mpesa_credentials: seal(secretsKey, JSON.stringify(mpesa), siteId),
  };
}

/** @throws if the row, or one of the site's session types, is not as it was written */
function toSite(siteRow: unknown, typeRows: unknown[]): Site {
  const row = siteRowSchema.parse(siteRow);
  const own = typeRows.filter((type) => typesOfSiteSchema.parse(type).site_id === row.id).map((type) => typeRowSchema.parse(type));
  return {
    id: row.id,
    name: row.name,
    allowedOrigins: row.allowed_origins,
    publishableKey: row.publishable_key,
    webhookUrl: row.webhook_url,
    mpesaAccountId: row.mpesa_account_id,
    sessionTypes: own.map(({ code, name, amount, duration_minutes }) => ({
      code,
      name,
      amountKes: amount,
      durationMinutes: duration_minutes,
    })),
  };
}
