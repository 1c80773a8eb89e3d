import { parseStkCallback } from "../../service/src/daraja/stk-callback.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import { decodeBody } from "../../service/src/payments/store/callback-inbox.ts";
import type { FakeGuards } from "../../service/src/payments/store/fake-payment-store.ts";
import type { FakeTables } from "../../service/src/payments/store/fake-tables.ts";
import type { PaymentsDependencies } from "../../service/src/payments/payments-dependencies.ts";
import type { Change } from "../../service/src/payments/store/change.ts";
import type { PaymentStore } from "../../service/src/payments/store/payment-store.ts";
import type { SiteAccounts } from "../../service/src/sites/mpesa-account.ts";
import type { ChannelHub } from "../../service/src/platform/channel-hub.ts";

/** The guards of the money. Each can be taken out, to check that the simulation notices. */
export const guardNames = [
  "compare-and-set",
  "compare-and-set-together",
  "one-open-attempt",
  "amount-check",
  "unique-receipt",
  "subscribe-first",
  "full-amount",
  "attempt-account",
] as const;
export type GuardName = (typeof guardNames)[number];

/** The service has no switch for this: the fake store skips a rule, or a wrapper changes the real part. */
export type Without = {
  storeGuards: FakeGuards;
  guardStore(store: PaymentStore, tables: FakeTables): PaymentStore;
  guardHub(hub: ChannelHub): ChannelHub;
  guardAccounts(accounts: SiteAccounts): SiteAccounts;
  guardProcessing(deps: PaymentsDependencies, tables: FakeTables): PaymentsDependencies;
};

const NOTHING: Without = {
  storeGuards: { compareAndSet: true, compareAndSetTogether: true, oneOpenAttempt: true, uniqueReceipts: true },
  guardStore: (store) => store,
  guardHub: (hub) => hub,
  guardAccounts: (accounts) => accounts,
  guardProcessing: (deps) => deps,
};

export function takeOut(guard: GuardName | null): Without {
  const { storeGuards } = NOTHING;
  switch (guard) {
    case null:
      return NOTHING;
    case "compare-and-set":
      return { ...NOTHING, storeGuards: { ...storeGuards, compareAndSet: false } };
    case "compare-and-set-together":
      return { ...NOTHING, storeGuards: { ...storeGuards, compareAndSetTogether: false } };
    case "one-open-attempt":
      return { ...NOTHING, storeGuards: { ...storeGuards, oneOpenAttempt: false }, guardStore: beginWhateverWasRead };
    case "unique-receipt":
      return { ...NOTHING, storeGuards: { ...storeGuards, uniqueReceipts: false } };
    case "amount-check":
      return { ...NOTHING, guardProcessing: verifyAnyAmount };
    case "subscribe-first":
      return { ...NOTHING, guardHub: subscribeWhileReading };
    case "full-amount":
      return { ...NOTHING, guardStore: bookOnAnyMoney };
    case "attempt-account":
      return { ...NOTHING, guardAccounts: useTheSitesAccount };
  }
}

/**
 * Without only the unique key, compare-and-set still refuses the second attempt. So a new attempt also begins at any version of the booking, which leaves
 * a plain read before a write.
 */
function beginWhateverWasRead(store: PaymentStore, tables: FakeTables): PaymentStore {
  return {
    ...store,
    commit: (change) =>
      store.commit(
        change.before === null
          ? {
              ...change,
              get booking() {
                return tables.bookings.get(change.booking.id) ?? change.booking;
              },
            }
          : change,
      ),
  };
}

/** Gives an attempt the amount that its newest callback names. */
function verifyAnyAmount(deps: PaymentsDependencies, tables: FakeTables): PaymentsDependencies {
  const { store } = deps;
  const asSaid = (attempt: Attempt): Attempt => ({
    ...attempt,
    amountKes: saidKes(tables, attempt.callbackSecretHash) ?? attempt.amountKes,
  });
  return {
    ...deps,
    store: {
      ...store,
      async findAttemptBySecretHash(secretHash) {
        const attempt = await store.findAttemptBySecretHash(secretHash);
        return attempt && asSaid(attempt);
      },
      async loadBySecretHashes(secretHashes) {
        const found = await store.loadBySecretHashes(secretHashes);
        return new Map([...found].map(([secretHash, { file, attempt }]) => [secretHash, { file, attempt: asSaid(attempt) }]));
      },
    },
  };
}

function saidKes(tables: FakeTables, secretHash: string): number | null {
  const outcomes = [...tables.callbacks.values()]
    .filter(({ callback }) => callback.secretHash === secretHash)
    .map(({ callback }) => parseStkCallback(decodeBody(callback)).outcome);
  const newest = outcomes.findLast((outcome) => outcome.kind === "paid");
  return newest?.kind === "paid" ? newest.amountKes : null;
}

/** Any money that a pending booking gets books its session. */
function bookOnAnyMoney(store: PaymentStore): PaymentStore {
  const booked = (change: Change): Change => {
    const { booking, attempt, history } = change;
    if (attempt.status !== "paid" || booking.status !== "pending" || change.session) return change;
    return { ...change, bookingStatus: "booked", session: { id: `se_of_${history.id}`, bookedAtMs: history.atMs } };
  };
  return {
    ...store,
    commit: (change) => store.commit(booked(change)),
    commitTogether: (changes) => store.commitTogether(changes.map(booked)),
  };
}

/** Whatever account a payment was made with, the one that the site uses now is asked. */
function useTheSitesAccount(accounts: SiteAccounts): SiteAccounts {
  return { ...accounts, ofPayment: ({ siteId }) => accounts.ofSite(siteId) };
}

/** Reads a stream's first view before its subscription is active. */
function subscribeWhileReading(hub: ChannelHub): ChannelHub {
  return {
    ...hub,
    async subscribe(channel, listener) {
      const subscribed = hub.subscribe(channel, listener);
      return () => void subscribed.then((stop) => stop());
    },
  };
}
