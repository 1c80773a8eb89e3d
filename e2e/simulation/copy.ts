/** A copy of the service: its own code, composed as in build-service.ts, over parts of the simulation. */
import { ServiceError } from "../../service/src/platform/errors.ts";
import { startBackgroundWork } from "../../service/src/background-work.ts";
import { receiveCallback } from "../../service/src/payments/receive-callback.ts";
import { toBookingView } from "../../service/src/bookings/booking-view.ts";
import type { PaymentsDependencies } from "../../service/src/payments/payments-dependencies.ts";
import { startReceiptCheck } from "../../service/src/payments/receipt-checks/check-receipt.ts";
import { startRefund } from "../../service/src/payments/refunds/refund-payment.ts";
import { createFakePaymentStore } from "../../service/src/payments/store/fake-payment-store.ts";
import type { PaymentMetrics } from "../../service/src/payments/payment-metrics.ts";
import { asAnswer } from "../../service/src/payments/payments-router.ts";
import { assignMoney } from "../../service/src/payments/operator/assign-money.ts";
import { settlePayment } from "../../service/src/payments/operator/settle-payment.ts";
import { createCallbackProcessing } from "../../service/src/payments/process-together.ts";
import { resumePayment, startPayment } from "../../service/src/payments/start-payment.ts";
import { createPaymentStreams } from "../../service/src/payments/stream-payment.ts";
import { answerOnce, hashRequest } from "../../service/src/platform/idempotency.ts";
import { createIds } from "../../service/src/platform/ids.ts";
import { createLogger, type Logger } from "../../service/src/platform/logger.ts";
import type { SiteAccounts } from "../../service/src/sites/mpesa-account.ts";
import { createWebhookComposer } from "../../service/src/webhooks/compose-webhook.ts";
import { simulatedAccounts } from "./accounts.ts";
import { createDaraja } from "./daraja.ts";
import { addressOf } from "./delivery.ts";
import { createFakeAddresses, createFakeChecks, createFakeRefunds, createFakeUnassignedMoney } from "./fake-money.ts";
import { createFakeInbox, createFakeKeys, createFakeLeases, createFakeLimits } from "./fake-services.ts";
import type { Life } from "./life.ts";
import type { Copy, Place } from "./place.ts";
import { SimulatedLife } from "./simulated-life.ts";
import type { World } from "./world.ts";

const SITE_ID = "site_simulated";
const DECISION = { actor: "the operator", note: "decided in the simulation" };

const NO_METRICS: PaymentMetrics = {
  stepped: () => undefined,
  pushed: () => undefined,
  callbackProcessed: () => undefined,
  callbackDelayed: () => undefined,
  callbackRetried: () => undefined,
  callbackStored: () => undefined,
  queried: () => undefined,
  refusedStart: () => undefined,
  codeChecked: () => undefined,
  pruned: () => undefined,
  strangersCallback: () => undefined,
  callbackFromElsewhere: () => undefined,
  refunded: () => undefined,
};

export function startCopy(world: World, place: Place): Copy {
  const { tables, scheduler, without, faults } = world;
  const life = new SimulatedLife(world, place.name);
  const random = world.random.fork();
  const skewMs = random.between(-faults.clockSkewMs, faults.clockSkewMs);
  const now = () => scheduler.nowMs + skewMs;
  const ids = createIds(now, (count) => random.bytes(count));
  const logger = world.story ? loggerInto(life) : world.silentLogger;
  const store = without.guardStore(createFakePaymentStore(tables, { run: life.run, guards: without.storeGuards }), tables);
  const hub = without.guardHub(world.hubOf(life));
  const deps: PaymentsDependencies = {
    store,
    inbox: createFakeInbox(tables, place.journal, life),
    unassignedMoney: createFakeUnassignedMoney(world.money, life),
    c2bAddresses: createFakeAddresses(life),
    receiptChecks: createFakeChecks(world.money, tables, life),
    refunds: createFakeRefunds(world.money, tables, life),
    daraja: createDaraja(world, life),
    hub,
    leases: createFakeLeases(world.leases, life.name, life, now),
    limits: createFakeLimits(random, life),
    accounts: without.guardAccounts(accountsIn(world)),
    paybillOf: async () => null,
    callbackUrl: "https://pay.example/callbacks/stk",
    resultUrl: "https://pay.example/callbacks",
    isTrustedCaller: () => true,
    queriesPerMinute: faults.queriesPerMinute,
    strangers: { day: 0, count: 0 },
    toBookingView,
    composeWebhooks: createWebhookComposer({ hasEndpoint: async () => true, ids }),
    ids,
    now,
    timers: life.timers((askedMs) => world.pace(askedMs)),
    logger,
    metrics: NO_METRICS,
  };
  const processing = createCallbackProcessing(without.guardProcessing(deps, tables));
  const keys = createFakeKeys(tables.keys, life, now);
  // Without open streams there is nothing to compare, and time may pass faster.
  let openStreams = (): number => 0;
  const streamPace = (askedMs: number): number => (openStreams() > 0 ? askedMs : world.pace(askedMs));
  const streams = createPaymentStreams({ ...deps, timers: life.timers(streamPace) });
  openStreams = streams.count;
  startBackgroundWork({ payments: deps, keys });

  return {
    life,
    async pay({ bookingId, phone, key }) {
      const file = await store.load(bookingId);
      if (!file) throw new ServiceError("booking_not_found");
      const claim = { scope: `pay:${bookingId}`, key };
      return answerOnce(keys, claim, hashRequest({ phone }), (committed) =>
        asAnswer(committed === null ? startPayment(deps, { file, phone, address: "127.0.0.1", claim }) : resumePayment(deps, committed)),
      );
    },
    async typeCode({ bookingId, code, key }) {
      const claim = { scope: `code:${bookingId}`, key };
      await answerOnce(keys, claim, hashRequest({ code }), async (committed) => {
        if (committed === null) await startReceiptCheck(deps, { bookingId, code, address: "127.0.0.1", claim });
        return { status: 202, body: {} };
      });
    },
    async refund({ paymentId, key }) {
      const claim = { scope: `refund:${SITE_ID}`, key };
      await answerOnce(keys, claim, hashRequest({ paymentId }), async (committed) => {
        if (committed === null) await startRefund(deps, { paymentId, siteId: SITE_ID, remarks: "Refund", decision: DECISION, claim });
        return { status: 202, body: {} };
      });
    },
    async settle({ paymentId, receipt }) {
      await settlePayment(deps, {
        paymentId,
        siteId: null,
        outcome: receipt === null ? { kind: "not_paid" } : { kind: "paid", receipt },
        decision: DECISION,
      });
    },
    assign: ({ receipt, reference, enter }) => assignMoney(deps, { receipt, reference, enter, decision: DECISION }),
    replay: (callbackId) =>
      life.run(`replay callback ${callbackId}`, null, () => {
        const present = tables.callbacks.get(callbackId);
        if (present) tables.callbacks.set(callbackId, { callback: present.callback, reading: null });
      }),
    async takeCallback({ number, kind, secret, body }) {
      const incoming = { kind, secret, remoteAddress: addressOf(number), body: Buffer.from(body), truncated: false };
      const stored = await receiveCallback(deps, incoming).catch(() => "lost" as const);
      if (stored === "lost") return false;
      if (stored) processing.add(stored).catch(() => life.say("reads it later", stored.secretHash));
      return true;
    },
    async watch(bookingId, lastSeen, response) {
      const file = await store.load(bookingId);
      if (file) await streams.open(file, { lastSeen, address: "127.0.0.1" }, response);
    },
  };
}

function accountsIn({ site }: World): SiteAccounts {
  return {
    ofSite: async () => site.account.account,
    ofPayment: async ({ mpesaAccountId }) => simulatedAccounts.find(({ account }) => account.id === mpesaAccountId)?.account ?? null,
    ofShortcode: async (shortcode) => simulatedAccounts.find((known) => known.shortcode === shortcode)?.account ?? null,
    isUnreadable: async () => false,
  };
}

/** Writes the service's own log into the story. */
function loggerInto(life: Life): Logger {
  return createLogger("warn", (line) => {
    const entry = JSON.parse(line) as { level: string; msg: string; paymentId?: string };
    life.say(`logs ${entry.level}: ${entry.msg}`, entry.paymentId ?? null);
  });
}
