import { isDeepStrictEqual } from "node:util";
import type { Knex } from "knex";
import { z } from "zod";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import type { Clock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import { seal, unseal } from "../platform/secret-box.ts";
import type { StoredAccount } from "./mpesa-account.ts";

const rowsSchema = z.array(z.object({ id: z.string(), shortcode: z.string().nullable(), credentials: z.string(), sealed_for: z.string() }));

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

/** Every account that a site has or had. */
export async function readAccounts(knex: Knex, secretsKey: Buffer | null): Promise<StoredAccount[]> {
  const rows = rowsSchema.parse(await knex("mpesa_accounts").select("id", "shortcode", "credentials", "sealed_for"));
  return rows.map(({ id, shortcode, credentials, sealed_for }) => ({
    id,
    shortcode,
    credentials: secretsKey && unsealCredentials(credentials, secretsKey, sealed_for),
  }));
}

function unsealCredentials(text: string, secretsKey: Buffer, sealedFor: string): DarajaCredentials | null {
  try {
    return credentialsSchema.parse(JSON.parse(unseal(secretsKey, text, sealedFor)));
  } catch {
    return null;
  }
}

export type AccountStoreParts = { ids: Ids; now: Clock; secretsKey: Buffer };

/**
 * The id of the account with these credentials: a row that has them, or a new one. Compared unsealed, not by a hash of them: a row sealed with another
 * SECRETS_KEY must not be used again.
 */
export async function accountIdFor(
  trx: Knex,
  credentials: DarajaCredentials,
  { ids, now, secretsKey }: AccountStoreParts,
): Promise<string> {
  const known = (await readAccounts(trx, secretsKey)).find((account) => isDeepStrictEqual(account.credentials, credentials));
  if (known) return known.id;
  const id = ids.next("acct");
  await trx("mpesa_accounts").insert({
    id,
    shortcode: credentials.shortcode,
    till: credentials.till ?? null,
    credentials: seal(secretsKey, JSON.stringify(credentials), id),
    sealed_for: id,
    created_at: now(),
  });
  return id;
}
