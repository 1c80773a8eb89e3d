import { mkdirSync } from "node:fs";
import { BlockList, isIPv6 } from "node:net";
import { join } from "node:path";
import type { Express } from "express";
import { Redis } from "ioredis";
import { Registry, collectDefaultMetrics } from "prom-client";
import { createApp } from "./app.ts";
import { startBackgroundWork } from "./background-work.ts";
import { createBookingsRouter } from "./bookings/bookings-router.ts";
import type { Config } from "./config.ts";
import { createDarajaClient } from "./daraja/daraja-client.ts";
import { createMemoryTokenStore } from "./daraja/memory-token-store.ts";
import { createRedisTokenStore } from "./daraja/redis-token-store.ts";
import { createDocsRouter } from "./api-docs/api-docs-router.ts";
import { createReceiptsRouter } from "./receipts/receipts-router.ts";
import { createMoneyStore } from "./payments/c2b/unassigned-money-store.ts";
import { createPaybillQr } from "./payments/c2b/paybill-qr.ts";
import { createPaybillOfSite } from "./payments/c2b/paybill-of-site.ts";
import { createPaymentsList } from "./payments/operator/payments-list.ts";
import { createReceiptCheckStore } from "./payments/receipt-checks/receipt-check-store.ts";
import { createReceiptCheckViewer } from "./payments/receipt-checks/receipt-check-view.ts";
import type { Receiver } from "./payments/process-callback.ts";
import { createRefundStore } from "./payments/refunds/refund-store.ts";
import { createOwnerPaymentsRouter } from "./payments/operator/owner-payments-router.ts";
import { createCallbackInbox } from "./payments/store/callback-inbox.ts";
import { createCallbacksRouter } from "./payments/callbacks-router.ts";
import type { Reconciler } from "./payments/reconcile-payments.ts";
import { registerOpenPaymentsGauge } from "./payments/open-payments-gauge.ts";
import { createPaymentMetrics } from "./payments/payment-metrics.ts";
import { createPaymentStore } from "./payments/store/payment-store.ts";
import { createPaymentsRouter } from "./payments/payments-router.ts";
import type { Recorder } from "./payments/record-outcome.ts";
import { createRateLimits } from "./payments/rate-limits.ts";
import type { PaymentStarter } from "./payments/start-payment.ts";
import { createPaymentStreams } from "./payments/stream-payment.ts";
import { createInProcessHub } from "./platform/channel-hub.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import { openDatabase, type Database } from "./platform/database.ts";
import { checkHealth } from "./platform/health.ts";
import { createIdempotencyKeys } from "./platform/idempotency.ts";
import { createIds } from "./platform/ids.ts";
import { openJournal } from "./platform/journal.ts";
import { createLeases } from "./platform/leases.ts";
import type { Logger } from "./platform/logger.ts";
import { createRedisHub } from "./platform/redis-channel-hub.ts";
import { createWidgetRouter } from "./widget/widget-router.ts";
import { createSiteDirectory } from "./sites/site-directory.ts";
import { createSiteStore, type SiteStore } from "./sites/site-store.ts";

export type Service = {
  app: Express;
  database: Database;
  siteStore: SiteStore;
  /** Begins to do what nobody asks for: queries, overdue payments, unread callbacks. */
  startBackground(): void;
  /** From now on open streams are told to come back, and `/readyz` says no. */
  beginStop(): void;
  /** Waits for what is under way, then closes every connection. Call it after the last request was answered. */
  close(): Promise<void>;
};

/** The only place that constructs things. Nothing is listened to yet, and nothing runs by itself before `startBackground`. */
export async function buildService(config: Config, logger: Logger, now: Clock = systemClock): Promise<Service> {
  mkdirSync(config.dataDir, { recursive: true });
  const ids = createIds(now);
  const database = openDatabase(config.database);
  const redis = config.redisUrl === null ? null : connectRedis(config.redisUrl, logger);
  const hub = redis ? createRedisHub({ ...redis, logger }) : createInProcessHub();
  const journal = await openJournal(join(config.dataDir, "journal"));

  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "somopay_" });
  const store = createPaymentStore(database);
  const siteStore = createSiteStore({ database, ids, now, secretsKey: config.secretsKey });
  const sites = createSiteDirectory(siteStore, now, config.mpesa.credentials);
  const { credentialsOf } = sites;
  const money = createMoneyStore(database, now);
  const paybillOf = createPaybillOfSite({ money, credentialsOf, now });
  const checks = createReceiptCheckStore(database);
  const receiptChecks = createReceiptCheckViewer({ checks, credentialsOf });
  const refunds = createRefundStore(database);
  const streams = createPaymentStreams({ store, hub, now, logger, paybillOf, receiptChecks });
  const metrics = createPaymentMetrics(registry, { openStreams: streams.count, journalDepth: journal.depth });
  registerOpenPaymentsGauge(registry, database, now);
  const keys = createIdempotencyKeys(database, now);
  const limits = createRateLimits(config.limits, redis?.commands ?? null, metrics);
  const daraja = createDarajaClient({
    baseUrl: config.mpesa.baseUrl,
    tokenStore: redis ? createRedisTokenStore(redis.commands) : createMemoryTokenStore(now),
    now,
    logger,
  });

  const hasWebhook = async (siteId: string): Promise<boolean> => ((await sites.byId(siteId))?.webhookUrl ?? null) !== null;
  const recorder: Recorder = { store, hub, ids, now, logger, metrics, hasWebhook };
  const inbox = createCallbackInbox({ database, journal, logger, metrics });
  const allowedAddresses = toBlockList(config.mpesa.callbackIps);
  const asker = { daraja, limits, credentialsOf, paybillOf, receiptChecks, resultUrl: config.mpesa.resultUrl };
  const receiver: Receiver = { ...recorder, ...asker, inbox, allowedAddresses, money, checks, refunds };
  const starter: PaymentStarter = { ...recorder, ...asker, inbox, callbackUrl: config.mpesa.callbackUrl };
  const leases = createLeases(database, ids.next("copy"), now);
  const reconciler: Reconciler = { ...recorder, daraja, leases, credentialsOf, queriesPerMinute: config.mpesa.queriesPerMinute };

  const merchantOf = async (siteId: string): Promise<string> => (await sites.byId(siteId))?.name ?? "";
  const qr = createPaybillQr({ daraja, paybillOf, credentialsOf, merchantOf, now, logger });

  let isStopping = false;
  const callbacks = createCallbacksRouter(receiver);
  const app = createApp({
    config,
    logger,
    sites,
    registry,
    health: () => checkHealth({ database, hub, usesRedis: redis !== null, journalDir: config.dataDir, journalDepth: journal.depth }),
    isStopping: () => isStopping,
    callbacks: callbacks.router,
    widget: await createWidgetRouter({ archiveDir: join(config.dataDir, "widget"), logger }),
    docs: createDocsRouter(),
    api: [
      createBookingsRouter({ store, ids, now, paybillOf, receiptChecks, sites, keys, limits }),
      createPaymentsRouter({ starter, checker: receiver, qr, streams, sites, keys }),
      createReceiptsRouter({ store, sites, now }),
      createOwnerPaymentsRouter({ refunder: receiver, payments: createPaymentsList(database), sites, keys }),
    ],
  });

  let background: ReturnType<typeof startBackgroundWork> | null = null;
  return {
    app,
    database,
    siteStore,
    startBackground() {
      background ??= startBackgroundWork({ reconciler, receiver, keys, now });
    },
    beginStop() {
      isStopping = true;
      streams.close();
    },
    async close() {
      streams.close();
      await background?.stop();
      await callbacks.readings.settled();
      await daraja.close();
      await hub.close();
      redis?.commands.disconnect();
      await journal.close();
      await database.close();
    },
  };
}

type RedisConnections = { commands: Redis; subscriber: Redis };

/** One connection for commands and ONE for subscriptions. Commands fail at once while Redis is away: nothing that matters waits for it. */
function connectRedis(url: string, logger: Logger): RedisConnections {
  const retryStrategy = (tries: number): number => Math.min(tries * 100, 2_000);
  const commands = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 1_000, retryStrategy });
  const subscriber = new Redis(url, { autoResubscribe: true, maxRetriesPerRequest: null, retryStrategy });
  for (const [name, connection] of Object.entries({ commands, subscriber })) {
    connection.on("error", (error: unknown) => logger.debug({ err: error, connection: name }, "Redis connection failed"));
    connection.on("close", () => logger.warn({ connection: name }, "Redis is away; live updates are slower until it is back"));
    connection.on("ready", () => logger.info({ connection: name }, "Redis is there"));
  }
  return { commands, subscriber };
}

function toBlockList(addresses: readonly string[] | null): BlockList | null {
  if (!addresses) return null;
  const list = new BlockList();
  for (const entry of addresses) {
    const [address = "", prefix] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
