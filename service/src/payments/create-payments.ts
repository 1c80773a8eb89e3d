import type { Router } from "express";
import type { BookingView } from "../contract.ts";
import type { Config } from "../config.ts";
import type { Platform } from "../platform/open-platform.ts";
import { systemTimers } from "../platform/timers.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";
import { english } from "../words/english.ts";
import { createC2bAddresses } from "./c2b/c2b-addresses.ts";
import { createPaybillOfSite } from "./c2b/paybill-of-site.ts";
import { createPaybillQr } from "./c2b/paybill-qr.ts";
import { createUnassignedMoneyStore } from "./c2b/unassigned-money-store.ts";
import { createCallerCheck } from "./caller-check.ts";
import { createCallbacksRouter } from "./callbacks-router.ts";
import { createAttentionStore } from "./operator/attention-store.ts";
import { listAttention, type FailingEndpoints } from "./operator/attention.ts";
import { createCallbackList } from "./operator/callback-list.ts";
import { createDecisionsRouter } from "./operator/decisions-router.ts";
import { createOwnerPaymentsRouter } from "./operator/owner-payments-router.ts";
import { createPaymentsList } from "./operator/payments-list.ts";
import { scopeOf } from "./operator/site-scope.ts";
import { registerPaymentGauges } from "./payment-gauges.ts";
import { createPaymentMetrics } from "./payment-metrics.ts";
import type { BookingFile } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { createPaymentsRouter } from "./payments-router.ts";
import { createRateLimits } from "./rate-limits.ts";
import { createReceiptCheckStore } from "./receipt-checks/receipt-check-store.ts";
import { createRefundStore } from "./refunds/refund-store.ts";
import { createCallbackInbox } from "./store/callback-inbox.ts";
import { createPaymentStore } from "./store/payment-store.ts";
import { createPaymentStreams } from "./stream-payment.ts";
import { viewBooking } from "./view-booking.ts";

/** What the payments feature is built from; `toBookingView` and `composeWebhooks` belong to features above it. */
export type PaymentsParts = Pick<PaymentsDependencies, "toBookingView" | "composeWebhooks" | "daraja"> & {
  config: Pick<Config, "mpesa" | "limits" | "bookingLifeMs">;
  platform: Platform;
  sites: SiteDirectory;
  failingEndpoints: FailingEndpoints;
};

export type Payments = {
  /** What background work and other features' create functions take from it. */
  deps: PaymentsDependencies;
  callbacksRouter: Router;
  /** For browsers and for owners' servers. */
  apiRouters: Router[];
  viewBooking(file: BookingFile): Promise<BookingView>;
  /** How many items wait for a decision at a site; no more than `most`. */
  countAttention(siteId: string, most: number): Promise<number>;
  /** Tells every open stream to reconnect, to another copy, and ends it. */
  endStreams(): void;
  /** Resolves once every callback that was answered has been processed too. */
  settled(): Promise<void>;
};

export function createPayments(parts: PaymentsParts): Payments {
  const { sites } = parts;
  const { keys, journal, registry, database, now } = parts.platform;
  const deps = createDependencies(parts);
  const streams = createPaymentStreams(deps, { limitAddresses: parts.config.limits.address !== null });
  registerPaymentGauges(registry, { database, now, openStreams: streams.count, journalDepth: journal.depth });
  const merchantOf = async (siteId: string): Promise<string> => (await sites.byId(siteId))?.name ?? "";
  const qr = createPaybillQr({ ...deps, merchantOf });
  const callbacks = createCallbacksRouter(deps);
  const payments = createPaymentsList(database);
  const attention = createAttentionStore(database);
  return {
    deps,
    callbacksRouter: callbacks.router,
    apiRouters: [
      createPaymentsRouter({ deps, qr, streams, sites, keys }),
      createOwnerPaymentsRouter({ deps, payments, sites, keys }),
      createDecisionsRouter({
        deps,
        payments,
        attention,
        failingEndpoints: parts.failingEndpoints,
        callbacks: createCallbackList(database),
        sites,
        keys,
      }),
    ],
    viewBooking: (file) => viewBooking(deps, file),
    async countAttention(siteId, most) {
      // They are only counted, so the language does not matter.
      const lists = { words: english, attention, unassignedMoney: deps.unassignedMoney, failingEndpoints: parts.failingEndpoints };
      return (await listAttention(lists, await scopeOf(sites, siteId), { limit: most })).data.length;
    },
    endStreams: streams.close,
    settled: callbacks.settled,
  };
}

function createDependencies({ config, platform, sites, failingEndpoints: _, ...given }: PaymentsParts): PaymentsDependencies {
  const { database, redis, journal, registry, hub, leases, ids, now, logger } = platform;
  const { accounts } = sites;
  const { callbackUrl, resultUrl, callbackIps, queriesPerMinute } = config.mpesa;
  const metrics = createPaymentMetrics(registry);
  const c2bAddresses = createC2bAddresses(database, now);
  return {
    ...given,
    store: createPaymentStore(database),
    inbox: createCallbackInbox({ database, journal, logger, metrics }),
    unassignedMoney: createUnassignedMoneyStore(database),
    c2bAddresses,
    receiptChecks: createReceiptCheckStore(database),
    refunds: createRefundStore(database),
    hub,
    leases,
    limits: createRateLimits(config.limits, redis, metrics),
    accounts,
    paybillOf: createPaybillOfSite({ addresses: c2bAddresses, accounts, now }),
    callbackUrl,
    resultUrl,
    isTrustedCaller: createCallerCheck({ callbackIps, metrics, logger }),
    queriesPerMinute,
    strangers: { day: 0, count: 0 },
    ids,
    now,
    timers: systemTimers,
    logger,
    metrics,
  };
}
