import { randomInt, X509Certificate } from "node:crypto";
import { request } from "undici";
import { z } from "zod";
import { ConfigError, loadProcessConfig, type Config } from "../config.ts";
import { forbiddenWordsIn, isPublicCallback, isSimulated } from "../daraja/callback-address.ts";
import { createDarajaClient } from "../daraja/daraja-client.ts";
import type { DarajaCredentials } from "../daraja/daraja-types.ts";
import { createMemoryTokenStore } from "../daraja/memory-token-store.ts";
import { CALLER_ADDRESS_HEADER, CALLER_ADDRESS_PATH, newTicket } from "../platform/caller-address.ts";
import { openDatabase, type Database } from "../platform/database.ts";
import { createIds } from "../platform/ids.ts";
import { createLogger } from "../platform/logger.ts";
import { pendingMigrations } from "../platform/migrate.ts";
import { examineRedis } from "../platform/redis-watch.ts";
import { createSiteStore } from "../sites/site-store.ts";
import { verifyCallerAddress } from "./verify-caller-address.ts";

/** `warn`: it works, and may not for everybody. */
type Finding = { ok: boolean | "warn"; subject: string; message: string };

/** A larger difference breaks the timestamps for Safaricom and our leases. */
const MAX_CLOCK_DIFFERENCE_MS = 30_000;
const REQUEST_TIMEOUT_MS = 5_000;

/** Checks everything that payments need, and says how to fix what is wrong. Returns whether all checks passed; warnings count as passed. */
export async function runDoctor(write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)): Promise<boolean> {
  const findings = await examine();
  for (const { ok, subject, message } of findings) write(`${ok === "warn" ? "WARN" : ok ? "ok  " : "FAIL"}  ${subject}: ${message}`);
  return findings.every(({ ok }) => ok !== false);
}

async function examine(): Promise<Finding[]> {
  let config: Config;
  try {
    config = loadProcessConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((message) => ({ ok: false, subject: "configuration", message }));
  }
  const database = openDatabase(config.database);
  try {
    return [
      { ok: true, subject: "configuration", message: `read; M-Pesa ${config.mpesa.env} at ${config.mpesa.baseUrl}` },
      ...(await checkDatabase(database, config)),
      await checkRedis(config),
      ...(await checkCredentials(config)),
      ...checkCallbackAddress(config),
      ...(await checkPublicAddress(config)),
    ];
  } finally {
    await database.close();
  }
}

async function checkDatabase(database: Database, config: Config): Promise<Finding[]> {
  const subject = "database";
  try {
    const pending = await pendingMigrations(database);
    const migrations: Finding =
      pending.length === 0
        ? { ok: true, subject, message: `${database.kind}, schema up to date` }
        : { ok: false, subject, message: `${pending.length} migrations are pending: run \`somopay migrate\`` };
    return [migrations, await checkClock(database), ...(pending.length === 0 ? [await checkSites(database, config)] : [])];
  } catch (error) {
    return [
      {
        ok: false,
        subject,
        message: `cannot be used (${messageOf(error)}): check DATABASE_URL, whether the server runs, and the user's rights`,
      },
    ];
  }
}

async function checkClock({ knex, kind }: Database): Promise<Finding> {
  const subject = "clock";
  if (kind === "sqlite") return { ok: true, subject, message: `${new Date().toISOString()} (the database is on this machine)` };
  const answer: unknown = await knex.raw("SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS now_ms");
  const [row] = z.tuple([z.array(z.object({ now_ms: z.number() })), z.unknown()]).parse(answer)[0];
  const differenceMs = Math.abs(Date.now() - (row?.now_ms ?? 0));
  if (differenceMs <= MAX_CLOCK_DIFFERENCE_MS) return { ok: true, subject, message: `differs from the database's by ${differenceMs} ms` };
  return {
    ok: false,
    subject,
    message: `differs from the database's by ${Math.round(differenceMs / 1000)} s: set up NTP on both machines`,
  };
}

async function checkSites(database: Database, { secretsKey }: Config): Promise<Finding> {
  const subject = "sites";
  try {
    const { sites, unreadable } = await createSiteStore({ database, ids: createIds(Date.now), now: Date.now, secretsKey }).all();
    if (unreadable.length > 0)
      return { ok: false, subject, message: unreadable.map(({ name, problem }) => `site "${name}": ${problem}`).join("; ") };
    if (sites.length === 0) return { ok: false, subject, message: "there are no sites: run `somopay site add FILE.json`" };
    return { ok: true, subject, message: sites.map(({ name }) => name).join(", ") };
  } catch (error) {
    return { ok: false, subject, message: messageOf(error) };
  }
}

async function checkRedis({ redisUrl }: Config): Promise<Finding> {
  const subject = "Redis";
  if (redisUrl === null) return { ok: true, subject, message: "not used; needed only for several processes" };
  const problem = await examineRedis(redisUrl);
  if (problem === null) return { ok: true, subject, message: "reachable; keys, scripts and channels work" };
  return { ok: false, subject, message: problem.message };
}

async function checkCredentials({ mpesa }: Config): Promise<Finding[]> {
  const subject = "credentials";
  if (!mpesa.credentials) {
    return [{ ok: true, subject, message: "none in the environment: every site needs its own (`mpesa` in its file)" }];
  }
  const logger = createLogger("silent");
  const daraja = createDarajaClient({ baseUrl: mpesa.baseUrl, tokenStore: createMemoryTokenStore(Date.now), now: Date.now, logger });
  const result = await daraja.checkCredentials(mpesa.credentials);
  await daraja.close();
  if (result.ok) return [{ ok: true, subject, message: "accepted by Safaricom" }, initiatorOf(mpesa.credentials)];
  return [
    {
      ok: false,
      subject,
      message: `${result.problem}: check MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET, MPESA_SHORTCODE, MPESA_PASSKEY and MPESA_ENV`,
    },
  ];
}

/** Checks only the certificate: Safaricom rejects a wrong password only when a command is sent. */
function initiatorOf({ initiator }: DarajaCredentials): Finding {
  const subject = "initiator";
  if (!initiator) return { ok: true, subject, message: "none: M-Pesa codes cannot be checked, and payments cannot be refunded from here" };
  const { validTo, subject: named } = new X509Certificate(initiator.certificate);
  const of = `${initiator.name}, with the certificate ${named.replaceAll("\n", ", ")}`;
  if (Date.parse(validTo) < Date.now())
    return { ok: false, subject, message: `${of}, which expired ${validTo}: get the new one from Safaricom` };
  return { ok: true, subject, message: of };
}

function checkCallbackAddress({ mpesa }: Config): Finding[] {
  const subject = "callback address";
  const shown = `${mpesa.callbackUrl}/<secret>`;
  if (!isPublicCallback(mpesa)) {
    return [{ ok: false, subject, message: `Safaricom cannot reach ${shown}: set PUBLIC_URL to a public https address` }];
  }
  const words = forbiddenWordsIn(mpesa.callbackUrl);
  if (words.length === 0 || isSimulated(mpesa.baseUrl)) return [{ ok: true, subject, message: shown }];
  const message = `${shown} contains "${words.join('", "')}", which Safaricom refuses for some accounts: if it refuses yours, unset MPESA_CALLBACK_URL`;
  return [{ ok: "warn", subject, message }];
}

async function checkPublicAddress(config: Config): Promise<Finding[]> {
  const { publicUrl } = config;
  const subject = "public address";
  const hint = "check whether the service runs and the proxy routes to it";
  try {
    const { statusCode, body } = await request(`${publicUrl}/livez`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    await body.dump();
    if (statusCode !== 200) return [{ ok: false, subject, message: `${publicUrl}/livez answers ${statusCode}: ${hint}` }];
    return [{ ok: true, subject, message: `${publicUrl} is reachable` }, await checkCallerAddress(config)];
  } catch (error) {
    return [{ ok: false, subject, message: `${publicUrl} is not reachable from here (${messageOf(error)}): ${hint}` }];
  }
}

const hopsSchema = z.object({ hops: z.array(z.object({ address: z.string(), isTrusted: z.boolean() })) });

/** Calls the service as a parent does, from outside, and as a dishonest one: it claims an address that cannot be its own. */
async function checkCallerAddress({ publicUrl, secretsKey, trustProxy }: Config): Promise<Finding> {
  const subject = "caller's address";
  if (secretsKey === null) return { ok: true, subject, message: "not checked: that needs SECRETS_KEY, here and in the service" };
  // Of a network that is reserved for documentation.
  const claimed = `203.0.113.${randomInt(1, 255)}`;
  const headers = { [CALLER_ADDRESS_HEADER]: newTicket(secretsKey, Date.now()), "X-Forwarded-For": claimed };
  const answer = await request(publicUrl + CALLER_ADDRESS_PATH, { headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const parsed = hopsSchema.safeParse(parseJson(await answer.body.text()));
  if (answer.statusCode !== 200 || !parsed.success) {
    const message = `${publicUrl} did not answer the doctor: it leads to another deployment, or the service has another SECRETS_KEY, is older, or its clock is wrong by a minute`;
    return { ok: false, subject, message };
  }
  return { subject, ...verifyCallerAddress({ ...parsed.data, claimed, isHttps: publicUrl.startsWith("https://"), trustProxy }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
