/** What a benchmark runs against: a private MariaDB whose commits are on the disk, a private Redis, and copies of the service as processes. */
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { newBooking, newAttempt } from "../../service/src/payments/testing.ts";
import { attemptToRow, bookingToRow } from "../../service/src/payments/store/payment-rows.ts";
import { migrate } from "../../service/src/platform/migrate.ts";
import { openDatabase, type Database } from "../../service/src/platform/database.ts";
import { createServiceCopy, serviceEnvironment, type ServiceCopy } from "../faults/service-copy.ts";
import { addSite } from "../faults/storm-world.ts";
import type { Pushed } from "./slow-safaricom.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";
import { startRedis, type PrivateRedis } from "../servers/redis.ts";

export type LoadWorld = {
  database: Database;
  databaseUrl: string;
  mariaDb: PrivateMariaDb;
  redis: PrivateRedis;
  siteId: string;
  publishableKey: string;
  /** Starts one more copy. */
  startCopy(more?: Record<string, string>): Promise<ServiceCopy>;
  stop(): Promise<void>;
};

export type WorldOptions = {
  mpesaBaseUrl?: string;
  /** Instead of a server of its own: a node of a cluster, which the caller stops. */
  databaseNode?: PrivateMariaDb;
};

/** A small server's share. The default pool, 128 MB, is full after some ten thousand payments, and what is full is written out while others wait. */
const SMALL_SERVER: readonly string[] = ["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=1G"];

/** Nothing listens there: no benchmark that uses it calls Safaricom. */
const NOWHERE = "http://127.0.0.1:9";

export async function startLoadWorld({ mpesaBaseUrl = NOWHERE, databaseNode }: WorldOptions = {}): Promise<LoadWorld> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const mariaDb = databaseNode ?? (await startMariaDb({ args: SMALL_SERVER }));
    if (!databaseNode) stops.push(mariaDb.stop);
    const redis = await startRedis();
    stops.push(redis.stop);
    const servers = { DATABASE_URL: mariaDb.url, REDIS_URL: redis.url };
    // The default: a copy looks for something to ask Safaricom as often as its budget allows, which other tests raise.
    const environment = { ...serviceEnvironment(mpesaBaseUrl), MPESA_QUERIES_PER_MINUTE: "5", ...servers };
    const database = openDatabase({ kind: "mysql", url: mariaDb.url });
    stops.push(() => database.close());
    await migrate(database);
    const { publishableKey } = await addSite({ ...environment, PUBLIC_URL: "http://127.0.0.1:1" });
    const [site] = z.tuple([z.object({ id: z.string() })]).parse(await database.knex("sites").select("id"));
    return {
      database,
      databaseUrl: mariaDb.url,
      mariaDb,
      redis,
      siteId: site.id,
      publishableKey,
      async startCopy(more = {}) {
        const copy = await createServiceCopy({ environment: { ...environment, ...more } });
        stops.push(copy.stop);
        await copy.start();
        return copy;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs a benchmark in a world of its own, with one copy of the service. */
export async function inLoadWorld<Result>(
  run: (world: LoadWorld, copy: ServiceCopy) => Promise<Result>,
  options?: WorldOptions,
): Promise<Result> {
  const world = await startLoadWorld(options);
  try {
    return await run(world, await world.startCopy());
  } finally {
    await world.stop();
  }
}

/** A payment whose prompt is on the phone, and the callback that Safaricom will send. */
export type PromptedPayment = { bookingId: string; checkoutRequestId: string; path: string; body: string };

const BATCH = 500;
/** Callbacks must not be asked about meanwhile. */
const FAR_AHEAD_MS = 24 * 60 * 60_000;

/** Puts payments that wait for their callback into the database, without the service. */
export async function preparePayments({ database, siteId }: LoadWorld, count: number): Promise<PromptedPayment[]> {
  const prepared: PromptedPayment[] = [];
  const nowMs = Date.now();
  for (let begun = 0; begun < count; begun += BATCH) {
    const bookings: object[] = [];
    const attempts: object[] = [];
    for (let index = begun; index < Math.min(begun + BATCH, count); index++) {
      const secret = randomBytes(32).toString("hex");
      const unique = randomBytes(6).toString("hex");
      const booking = newBooking({
        id: `bk_${unique}_${secret.slice(0, 20)}`,
        siteId,
        reference: unique.toUpperCase(),
        date: "2036-12-09",
        createdAtMs: nowMs,
        expiresAtMs: nowMs + FAR_AHEAD_MS,
      });
      const checkoutRequestId = `ws_CO_${unique}`;
      const merchantRequestId = `29115-${unique}-1`;
      const attempt = newAttempt(booking, {
        id: `pay_${unique}_${secret.slice(20, 40)}`,
        status: "prompted",
        phone: `25470000${String(index % 10_000).padStart(4, "0")}`,
        callbackSecretHash: createHash("sha256").update(secret).digest("hex"),
        checkoutRequestId,
        merchantRequestId,
        requestedAtMs: nowMs,
        promptExpiresAtMs: nowMs + FAR_AHEAD_MS,
      });
      bookings.push(bookingToRow(booking));
      attempts.push({ ...attemptToRow(attempt), open_key: booking.id, updated_at: nowMs, queries: 0 });
      const facts = { checkoutRequestId, merchantRequestId, amountKes: attempt.amountKes, phone: attempt.phone };
      const body = callbackBody(facts, `U${unique.slice(0, 9).toUpperCase()}`);
      prepared.push({ bookingId: booking.id, checkoutRequestId, path: `/callbacks/stk/${secret}`, body });
    }
    await database.knex("pending_sessions").insert(bookings);
    await database.knex("payments").insert(attempts);
  }
  return prepared;
}

/** Puts bookings that nobody has paid yet into the database. Returns their ids. */
export async function prepareBookings({ database, siteId }: LoadWorld, count: number): Promise<string[]> {
  const nowMs = Date.now();
  const bookings = Array.from({ length: count }, () => {
    const unique = randomBytes(6).toString("hex");
    const expiresAtMs = nowMs + FAR_AHEAD_MS;
    const reference = unique.toUpperCase();
    return newBooking({ id: `bk_${unique}`, siteId, reference, date: "2036-12-09", createdAtMs: nowMs, expiresAtMs });
  });
  await database.knex.batchInsert("pending_sessions", bookings.map(bookingToRow), BATCH);
  return bookings.map(({ id }) => id);
}

/** As the newest recordings: 11 digits of time, five items. */
export function callbackBody(
  { checkoutRequestId, merchantRequestId, amountKes, phone }: Omit<Pushed, "callbackPath">,
  receipt: string,
): string {
  return JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: merchantRequestId,
        CheckoutRequestID: checkoutRequestId,
        ResultCode: 0,
        ResultDesc: "The service request is processed successfully.",
        CallbackMetadata: {
          Item: [
            { Name: "Amount", Value: amountKes },
            { Name: "MpesaReceiptNumber", Value: receipt },
            { Name: "Balance" },
            { Name: "TransactionDate", Value: 20261128101500 },
            { Name: "PhoneNumber", Value: Number(phone) },
          ],
        },
      },
    },
  });
}

/** How many payments still wait for their outcome. */
export async function countOpen({ database }: LoadWorld): Promise<number> {
  const [row] = z
    .tuple([z.object({ open: z.number() })])
    .parse(await database.knex("payments").whereNotNull("open_key").count({ open: "*" }));
  return row.open;
}
