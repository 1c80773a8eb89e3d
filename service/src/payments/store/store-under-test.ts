/** For tests: the payment store on each database and in memory, and what it wrote. */
import { beforeAll, describe } from "vitest";
import type { Database } from "../../platform/database.ts";
import { createIdempotencyKeys, type IdempotencyClaim } from "../../platform/idempotency.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { createFakePaymentStore, fakeKeyOf } from "./fake-payment-store.ts";
import { FakeTables } from "./fake-tables.ts";
import { attemptToRow, bookingToRow } from "./payment-rows.ts";
import { createPaymentStore, type PaymentStore } from "./payment-store.ts";
import { insertTestSite, START_MS } from "../testing.ts";

type Row = Readonly<Record<string, unknown>>;
export type StoredTestCallback = {
  id: string;
  receivedAtMs: number;
  secretHash: string | null;
  paymentId: string;
  verdict: "unverified" | "duplicate";
  receipt: string | null;
};

export type StoreUnderTest = {
  store: PaymentStore;
  rowsOf(table: string, column: string, value: string): Promise<Row[]>;
  claimKey(claim: IdempotencyClaim): Promise<void>;
  addReadCallback(callback: StoredTestCallback): Promise<void>;
};

/** Runs the same cases on the store in SQL, on each database, and on the one in memory. */
export function describeOnEachStore(title: string, cases: (under: () => StoreUnderTest, target: { isServer: boolean }) => void): void {
  describeOnEachDatabase(title, (database, { isServer }) => {
    beforeAll(() => insertTestSite(database()));
    cases(() => storeInSql(database()), { isServer });
  });
  describe(`${title} (in memory)`, () => {
    const under = storeInMemory();
    cases(() => under, { isServer: false });
  });
}

function storeInSql(database: Database): StoreUnderTest {
  const { knex } = database;
  return {
    store: createPaymentStore(database),
    rowsOf: async (table, column, value) => knex<Row>(table).where(column, value).select(),
    claimKey: async (claim) => void (await createIdempotencyKeys(database, () => START_MS).claim(claim, "hash")),
    addReadCallback: async ({ id, receivedAtMs, secretHash, paymentId, verdict, receipt }) =>
      void (await knex("callbacks").insert({
        id,
        received_at: receivedAtMs,
        secret_hash: secretHash,
        payment_id: paymentId,
        verdict,
        receipt,
        kind: "stk",
        remote_address: "127.0.0.1",
        body: "{}",
        body_encoding: "utf8",
      })),
  };
}

function storeInMemory(): StoreUnderTest {
  const tables = new FakeTables();
  return {
    store: createFakePaymentStore(tables),
    rowsOf: async (table, column, value) => rowsInMemory(tables, table).filter((row) => row[column] === value),
    claimKey: async (claim) =>
      void tables.keys.set(fakeKeyOf(claim), {
        requestHash: "hash",
        resourceId: null,
        answer: null,
        lockedUntilMs: START_MS,
        createdAtMs: START_MS,
      }),
    async addReadCallback({ id, receivedAtMs, secretHash, paymentId, verdict, receipt }) {
      const callback = { id, receivedAtMs, kind: "stk", secretHash, remoteAddress: "127.0.0.1", body: "{}", bodyEncoding: "utf8" } as const;
      const reading = { verdict, paymentId, receipt, note: null, atMs: receivedAtMs };
      tables.callbacks.set(id, { callback: { ...callback, truncated: false }, reading });
    },
  };
}

/** The rows that the cases read, with the column names of the tables in SQL. */
function rowsInMemory(tables: FakeTables, table: string): Row[] {
  switch (table) {
    case "pending_sessions":
      return [...tables.bookings.values()].map((booking) => ({
        ...bookingToRow(booking),
        amount_paid: tables.amountsPaidKes.get(booking.id) ?? 0,
      }));
    case "payments":
      return [...tables.attempts.values()].map((attempt) => ({
        ...attemptToRow(attempt),
        hint_query_at: tables.hints.get(attempt.id)?.dueAtMs ?? null,
        hint_queries: tables.hints.get(attempt.id)?.queries ?? 0,
        open_key: tables.openKeys.get(attempt.bookingId) === attempt.id ? attempt.bookingId : null,
      }));
    case "sessions":
      return [...tables.sessions.values()].flatMap(({ id, bookingId, paymentId, bookedAtMs }) => {
        const booking = tables.bookings.get(bookingId);
        return booking
          ? [
              {
                id,
                pending_session_id: bookingId,
                payment_id: paymentId,
                booked_at: bookedAtMs,
                site_id: booking.siteId,
                child_name: booking.childName,
                amount: booking.amountKes,
              },
            ]
          : [];
      });
    case "payment_history":
      return [...tables.history.values()].map(({ id, paymentId, fromStatus, toStatus, source, bookingVersion, note }) => ({
        id,
        payment_id: paymentId,
        from_status: fromStatus,
        to_status: toStatus,
        source,
        booking_version: bookingVersion,
        note,
      }));
    case "webhook_messages":
      return [...tables.webhooks.values()].map(({ id, type, payload, bookingId }) => ({ id, type, payload, booking_id: bookingId }));
    case "idempotency_keys":
      return [...tables.keys].map(([name, { resourceId }]) => ({ idempotency_key: name.split(" ")[1], resource_id: resourceId }));
    default:
      throw new Error(`the cases look at no table ${table}`);
  }
}
