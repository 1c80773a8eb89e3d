import { join } from "node:path";
import type { Express } from "express";
import { createAccounts } from "./accounts/create-accounts.ts";
import type { DemoOwner } from "./accounts/demo-sign-in.ts";
import { createApiDocsRouter } from "./api-docs/api-docs-router.ts";
import { createApp } from "./app.ts";
import { startBackgroundWork } from "./background-work.ts";
import { toBookingView } from "./bookings/booking-view.ts";
import type { BookingsDependencies } from "./bookings/bookings-dependencies.ts";
import { createBookingsRouter } from "./bookings/bookings-router.ts";
import { createServerBookingsRouter } from "./bookings/server-bookings-router.ts";
import type { Config } from "./config.ts";
import { createDarajaClient } from "./daraja/daraja-client.ts";
import { createMemoryTokenStore } from "./daraja/memory-token-store.ts";
import { createRedisTokenStore } from "./daraja/redis-token-store.ts";
import { createDashboardRouter } from "./dashboard/dashboard-router.ts";
import { createMail } from "./mail/create-mail.ts";
import { createOwners } from "./owners/create-owners.ts";
import { ACCOUNT_CHECKS } from "./owners/settings/mpesa-account-router.ts";
import { createPayments } from "./payments/create-payments.ts";
import { createBookingsList } from "./payments/operator/bookings-list.ts";
import { createBookingChanges } from "./payments/store/booking-changes.ts";
import { createPersonalDataStore } from "./payments/store/personal-data-store.ts";
import { createCallerAddressRouter } from "./platform/caller-address.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import type { Database } from "./platform/database.ts";
import type { Logger } from "./platform/logger.ts";
import { createLimiter } from "./platform/limiter.ts";
import { openPlatform } from "./platform/open-platform.ts";
import { systemTimers } from "./platform/timers.ts";
import { createReceiptsRouter } from "./receipts/receipts-router.ts";
import { createResendReceiptRouter, RECEIPT_MAILS } from "./owners/receipts/resend-receipt-router.ts";
import { createApiKeyStore } from "./sites/api-key-store.ts";
import { createKeyUses } from "./sites/key-uses.ts";
import { createSessionTypeStore } from "./sites/session-type-store.ts";
import { createSessionTypesRouter } from "./sites/session-types-router.ts";
import { createServerApiGate } from "./sites/server-api-gate.ts";
import { createSiteDirectory } from "./sites/site-directory.ts";
import { createSiteStore, type SiteStore } from "./sites/site-store.ts";
import { createWebhooks } from "./webhooks/create-webhooks.ts";
import { createWidgetRouter } from "./widget/widget-router.ts";

export type Service = {
  app: Express;
  database: Database;
  siteStore: SiteStore;
  /** Starts what happens without a request: queries, overdue payments, pending callbacks. */
  startBackground(): void;
  /** From now on open streams are told to reconnect, and `/readyz` says no. */
  beginStop(): void;
  /** Waits for what is under way, then closes every connection. Call it after the last request was answered. */
  close(): Promise<void>;
};

export type BuildOptions = {
  now?: Clock;
  /** Set by the demo's own code only, never by a setting: whoever comes may be signed in as this person. */
  demoOwner?: DemoOwner | null;
};

/** Joins the features. Nothing listens yet, and nothing runs by itself before `startBackground`. */
export async function buildService(
  config: Config,
  logger: Logger,
  { now = systemClock, demoOwner = null }: BuildOptions = {},
): Promise<Service> {
  if (demoOwner && config.mpesa.env === "production") throw new Error("the demo's owner must not exist where real money is");
  const platform = await openPlatform(config, logger, now);
  const { database, redis, ids, keys } = platform;
  const tokenStore = redis ? createRedisTokenStore(redis) : createMemoryTokenStore(now);
  const daraja = createDarajaClient({ baseUrl: config.mpesa.baseUrl, tokenStore, now, logger });
  const webhooks = createWebhooks({ config, platform });
  const { composeWebhooks, failingEndpoints, siteFileWebhook: setWebhook } = webhooks;
  const siteStore = createSiteStore({ database, ids, now, secretsKey: config.secretsKey, setWebhook });
  const apiKeys = createApiKeyStore({ database, ids, now });
  const keyUses = createKeyUses({ keys: apiKeys, now });
  const deploymentCredentials = config.mpesa.credentials;
  const sites = createSiteDirectory({ store: siteStore, now, deploymentCredentials, logger, onKeyUsed: keyUses.note });
  const mail = createMail({ config, platform });
  const accounts = createAccounts({ config, platform, sites, mail, demoOwner });
  const payments = createPayments({ config, platform, daraja, sites, toBookingView, composeWebhooks, failingEndpoints });
  const { store, limits } = payments.deps;
  const bookings: BookingsDependencies = {
    store,
    limits,
    viewBooking: payments.viewBooking,
    sites,
    keys,
    bookingLifeMs: config.bookingLifeMs,
    ids,
    now,
  };
  const changer = { ...payments.deps, changes: createBookingChanges(database), bookingLifeMs: config.bookingLifeMs };
  const serverBookings = createServerBookingsRouter({ deps: bookings, list: createBookingsList(database), changer });
  const sessionTypes = createSessionTypesRouter({ types: createSessionTypeStore({ database, ids }), sites, keys });
  const receipts = createReceiptsRouter({ store, sites, now });

  const { countAttention } = payments;
  const owners = createOwners({
    config,
    database,
    sites,
    siteStore,
    apiKeys,
    keys,
    daraja,
    bookings,
    countAttention,
    now,
    logger,
    payments: payments.deps,
    accountChecks: createLimiter("account-check", ACCOUNT_CHECKS, redis),
    canMail: mail.isSetUp,
    timers: systemTimers,
  });
  const limiter = createLimiter("receipt-mail", RECEIPT_MAILS, redis);
  const resendReceipt = createResendReceiptRouter({ store, database, sites, keys, mail, limiter, publicUrl: config.publicUrl, now });

  const { leases, metrics } = payments.deps;
  const personalData = createPersonalDataStore(database);
  const retention = { personalData, leases, now, metrics, logger, retentionDays: config.retentionDays };

  let isStopping = false;
  const app = createApp({
    config,
    logger,
    sites,
    registry: platform.registry,
    health: platform.health,
    isStopping: () => isStopping,
    callerAddress: createCallerAddressRouter(config.secretsKey, now),
    callbacks: payments.callbacksRouter,
    widget: await createWidgetRouter({ archiveDir: join(config.dataDir, "widget"), logger }),
    docs: createApiDocsRouter(),
    api: [
      createServerApiGate({ sites, findPerson: accounts.findPerson, limit: config.limits.api, redis }),
      createBookingsRouter(bookings),
      serverBookings,
      sessionTypes,
      ...payments.apiRouters,
      receipts,
      resendReceipt,
      ...owners.routers,
      webhooks.createRouter(sites),
      ...accounts.apiRouters,
      ...accounts.dashboardRouters,
      await createDashboardRouter({ demoOwner: demoOwner?.email ?? null, findSoleSite: accounts.findSoleSite }),
    ],
  });

  let background: ReturnType<typeof startBackgroundWork> | null = null;
  return {
    app,
    database,
    siteStore,
    startBackground() {
      // Named in the log at once, not at the first request.
      void sites.logUnreadable().catch(() => undefined);
      background ??= startBackgroundWork({ payments: payments.deps, keys, keyUses, retention, webhooks, accounts, mail });
    },
    beginStop() {
      isStopping = true;
      payments.endStreams();
      owners.endStreams();
    },
    async close() {
      payments.endStreams();
      owners.endStreams();
      await background?.stop();
      await payments.settled();
      await accounts.settled();
      await keyUses.write().catch(() => undefined);
      await daraja.close();
      await platform.close();
    },
  };
}
