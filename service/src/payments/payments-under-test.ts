/** For tests: the payments feature on a real database, with a fake Daraja client, a recording hub, and a clock and timers that the test moves. */
import { Registry } from "prom-client";
import type { Booking } from "../bookings/booking.ts";
import type { DarajaClient, DarajaCredentials } from "../daraja/daraja-types.ts";
import { createInProcessHub, type ChannelHub } from "../platform/channel-hub.ts";
import type { Database } from "../platform/database.ts";
import { createIds } from "../platform/ids.ts";
import { createLeases } from "../platform/leases.ts";
import { testClock, testLogger, type TestClock } from "../platform/testing.ts";
import type { SiteAccounts } from "../sites/mpesa-account.ts";
import { createC2bAddresses } from "./c2b/c2b-addresses.ts";
import { createUnassignedMoneyStore } from "./c2b/unassigned-money-store.ts";
import { createPaymentMetrics } from "./payment-metrics.ts";
import { amountDueKes, amountPaidKes, bookingPaymentStatus, shownAttempt, type BookingFile } from "./payment.ts";
import type { PaymentsDependencies, ToBookingView } from "./payments-dependencies.ts";
import { createReceiptCheckStore } from "./receipt-checks/receipt-check-store.ts";
import { createRefundStore } from "./refunds/refund-store.ts";
import type { CallbackInbox } from "./store/callback-inbox.ts";
import { createPaymentStore } from "./store/payment-store.ts";
import { bookingsIn, newId } from "./testing.ts";

export const CREDENTIALS: DarajaCredentials = {
  consumerKey: "key",
  consumerSecret: "secret",
  shortcode: "174379",
  passkey: "passkey",
  initiator: { name: "initiator", password: "password", certificate: "" },
};

/** One account for everything. */
export function accountsWith(credentials: DarajaCredentials): SiteAccounts {
  const account = { id: "acct_test", credentials };
  return { ofSite: async () => account, ofPayment: async () => account, ofShortcode: async () => account, isUnreadable: async () => false };
}

export type PaymentsUnderTest = ReturnType<typeof bookingsIn> & {
  deps: PaymentsDependencies;
  clock: TestClock;
  /** The log lines. */
  lines: string[];
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<string>;
  /** Each publish, with the booking's version in the database at that moment. */
  published: { bookingId: string; version: number | undefined }[];
  /** Runs everything that is due each `intervalMs`. */
  tick(intervalMs: number): void;
  fileOf(booking: Pick<Booking, "id">): Promise<BookingFile>;
};

/** @param changed replaces dependencies, and methods of the Daraja client */
export function paymentsUnderTest(
  database: Database,
  { daraja = {}, ...changed }: Partial<Omit<PaymentsDependencies, "daraja">> & { daraja?: Partial<DarajaClient> } = {},
): PaymentsUnderTest {
  const clock = testClock();
  const { logger, lines } = testLogger();
  const registry = new Registry();
  const store = createPaymentStore(database);
  const published: PaymentsUnderTest["published"] = [];
  const waiting = new Map<number, Set<() => void>>();
  const { now } = clock;
  const deps: PaymentsDependencies = {
    store,
    inbox: noInbox,
    strangers: { day: 0, count: 0 },
    unassignedMoney: createUnassignedMoneyStore(database),
    c2bAddresses: createC2bAddresses(database, now),
    receiptChecks: createReceiptCheckStore(database),
    refunds: createRefundStore(database),
    daraja: { ...silentSafaricom, ...daraja },
    hub: recordingHub(async (bookingId) => {
      const version = (await store.versions([bookingId])).get(bookingId);
      published.push({ bookingId, version });
    }),
    leases: createLeases(database, "copy-1", now),
    limits: { consume: async () => undefined, consumeBooking: async () => undefined, consumeCode: async () => undefined },
    accounts: accountsWith(CREDENTIALS),
    paybillOf: async () => null,
    callbackUrl: "https://pay.example/callbacks/stk",
    resultUrl: "https://pay.example/callbacks",
    isTrustedCaller: () => true,
    queriesPerMinute: 6_000,
    toBookingView,
    composeWebhooks: async ({ before, after, paymentId, atMs }) => {
      const statusIn = ({ attempts }: BookingFile) => attempts.find(({ id }) => id === paymentId)?.status ?? "";
      const status = statusIn(after);
      if (status === statusIn(before) || !["paid", "failed", "refunded"].includes(status)) return [];
      return [{ id: newId("msg"), type: `payment.${status}`, paymentId, payload: "{}", createdAtMs: atMs }];
    },
    ids: createIds(now),
    now,
    timers: {
      after: () => () => undefined,
      each(intervalMs, work) {
        const works = waiting.get(intervalMs) ?? new Set();
        waiting.set(intervalMs, works.add(work));
        return () => void works.delete(work);
      },
    },
    logger,
    metrics: createPaymentMetrics(registry),
    ...changed,
  };
  const bookings = bookingsIn(() => store);
  return {
    ...bookings,
    deps,
    clock,
    lines,
    metrics: () => registry.metrics(),
    published,
    tick(intervalMs) {
      for (const work of waiting.get(intervalMs) ?? []) work();
    },
    async fileOf({ id }) {
      const file = await store.load(id);
      if (!file) throw new Error(`no booking ${id}`);
      return file;
    },
  };
}

/** A minimal view: the real one belongs to the bookings feature. */
const toBookingView: ToBookingView = (file) => {
  const { booking } = file;
  const shown = shownAttempt(file);
  return {
    bookingId: booking.id,
    reference: booking.reference,
    amount: booking.amountKes,
    amountPaid: amountPaidKes(file.attempts),
    amountDue: amountDueKes(file),
    booking_status: booking.status,
    expiresAt: booking.expiresAtMs,
    currency: "KES",
    payment_status: bookingPaymentStatus(file),
    version: booking.version,
    session: { sessionType: booking.sessionType, name: booking.sessionName, date: booking.date, time: booking.time },
    payment: shown && { status: shown.status, amount: shown.amountKes, phone: "", requestedAt: shown.requestedAtMs },
  };
};

const CHANNEL_PREFIX = "booking:";

/** Calls `onPublish` before the listeners. */
function recordingHub(onPublish: (bookingId: string) => Promise<void>): ChannelHub {
  const hub = createInProcessHub();
  return {
    ...hub,
    async publish(channel) {
      await onPublish(channel.slice(CHANNEL_PREFIX.length));
      await hub.publish(channel);
    },
  };
}

function unexpected(what: string): () => Promise<never> {
  return () => Promise.reject(new Error(`unexpected call: ${what}`));
}

const noInbox: CallbackInbox = {
  store: unexpected("store a callback"),
  markProcessed: unexpected("mark a callback"),
  shorten: unexpected("shorten a callback"),
  forget: unexpected("forget a callback"),
  retryLater: unexpected("retry a callback"),
  unprocessed: async () => [],
  replayJournal: async () => 0,
  journalDepth: () => 0,
};

const silentSafaricom: DarajaClient = {
  push: unexpected("send a prompt"),
  query: unexpected("ask about a prompt"),
  checkCredentials: unexpected("check credentials"),
  registerC2b: unexpected("register an address"),
  lookUp: unexpected("look a receipt up"),
  reverse: unexpected("give money back"),
  qrCode: unexpected("ask for a code"),
  close: async () => undefined,
  breakerState: () => "closed",
};
