import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import { parseCursor, type Page } from "../../platform/page.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import type { Attempt } from "../payment.ts";
import { createPaymentStore } from "../store/payment-store.ts";
import { insertTestSite, newAttempt, newBooking, newChange, newId } from "../testing.ts";
import { bookingsQuerySchema, createBookingsList } from "./bookings-list.ts";
import { createPaymentsList, paymentsQuerySchema } from "./payments-list.ts";

const SITE = "site_lists";
const OTHER = "site_other_lists";
const START_MS = Date.UTC(2026, 10, 1);
/** Enough for a planner to prefer an index. */
const BOOKINGS = 300;
const DATES = ["2036-12-01", "2036-12-02", "2036-12-03"];

/** `endings`: every tenth payment has the phone that ends with 777. */
async function fill(database: Database): Promise<Attempt[]> {
  const store = createPaymentStore(database);
  const made: Attempt[] = [];
  for (const siteId of [SITE, OTHER]) {
    await insertTestSite(database, siteId);
    for (let index = 0; index < BOOKINGS; index++) {
      // Three at the same moment each time, so that the id must break ties.
      const atMs = START_MS + Math.floor(index / 3) * 1_000;
      const facts = { siteId, createdAtMs: atMs, date: DATES[index % DATES.length] ?? "" };
      const booking = newBooking(facts);
      await store.insertBooking(booking, null);
      const phone = index % 10 === 0 ? "254700000777" : `254700000${String(100 + (index % 500)).padStart(3, "0")}`;
      const attempt = newAttempt(booking, { requestedAtMs: atMs, phone });
      await store.commit(newChange(booking, attempt));
      if (siteId === SITE) made.push(attempt);
    }
  }
  return made;
}

async function allPages<Item>(read: (after: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let after: string | undefined; ;) {
    const page = await read(after);
    items.push(...page.data);
    if (page.next === null) return items;
    expect(parseCursor(page.next)).not.toBeNull();
    after = page.next;
  }
}

describeOnEachDatabase("the owner's lists", (database, target) => {
  let made: Attempt[];
  beforeAll(async () => {
    made = await fill(database());
  });
  const payments = () => createPaymentsList(database());
  const bookings = () => createBookingsList(database());
  const newest = () => made.toSorted((a, b) => b.requestedAtMs - a.requestedAtMs || (a.id < b.id ? 1 : -1));
  const paymentsWith = (query: object) =>
    allPages((after) => payments().page(SITE, paymentsQuerySchema.parse({ limit: 7, ...query, ...(after && { after }) })));
  const bookingsWith = (query: object) =>
    allPages((after) => bookings().page(SITE, bookingsQuerySchema.parse({ limit: 7, ...query, ...(after && { after }) })));

  it("have each item once, newest first, and no other site's", async () => {
    expect((await paymentsWith({})).map(({ paymentId }) => paymentId)).toEqual(newest().map(({ id }) => id));
    const found = await bookingsWith({});
    expect(new Set(found.map(({ booking }) => booking.id)).size).toBe(BOOKINGS);
    expect(found.every(({ booking, attempts }) => booking.siteId === SITE && attempts.length === 1)).toBe(true);
    expect(found.map(({ booking }) => booking.createdAtMs)).toEqual(newest().map(({ requestedAtMs }) => requestedAtMs));
  });

  it("find by the phone's last digits", async () => {
    expect(await paymentsWith({ phoneEnding: "777" })).toHaveLength(BOOKINGS / 10);
    expect(await paymentsWith({ phoneEnding: "00777" })).toHaveLength(BOOKINGS / 10);
    expect(await paymentsWith({ phoneEnding: "10777" })).toEqual([]);
    expect(await bookingsWith({ phoneEnding: "777" })).toHaveLength(BOOKINGS / 10);
  });

  it("find by time, day, state, reference and booking", async () => {
    const [attempt] = made;
    if (!attempt) throw new Error("nothing made");
    const booking = (await bookingsWith({ to: START_MS + 1_000 })).find(({ booking: { id } }) => id === attempt.bookingId)?.booking;
    if (!booking) throw new Error("its booking is not listed");
    expect(await paymentsWith({ from: START_MS + 1_000, to: START_MS + 3_000 })).toHaveLength(6);
    expect(await bookingsWith({ date: "2036-12-02" })).toHaveLength(BOOKINGS / 3);
    expect(await bookingsWith({ status: "lapsed" })).toEqual([]);
    expect(await bookingsWith({ reference: booking.reference.toLowerCase() })).toMatchObject([{ booking: { id: attempt.bookingId } }]);
    expect(await paymentsWith({ reference: booking.reference })).toMatchObject([{ paymentId: attempt.id }]);
    expect(await paymentsWith({ bookingId: attempt.bookingId })).toMatchObject([{ paymentId: attempt.id }]);
    expect(await paymentsWith({ receipt: newId("UK") })).toEqual([]);
  });

  it("find nothing of another site by its facts", async () => {
    const row: unknown = await database().knex("pending_sessions").where({ site_id: OTHER }).first("id", "reference");
    const other = z.object({ id: z.string(), reference: z.string() }).parse(row);
    expect(await bookingsWith({ reference: other.reference })).toEqual([]);
    expect(await paymentsWith({ bookingId: other.id })).toEqual([]);
  });

  it("find the few that are open, or have surplus, without reading the others", async () => {
    const store = createPaymentStore(database());
    const booking = newBooking({ siteId: SITE, createdAtMs: START_MS - 1 });
    await store.insertBooking(booking, null);
    const facts = { requestedAtMs: START_MS - 1, status: "paid", receipt: "UKNLISTS01", surplusKes: 500, keptAtMs: START_MS } as const;
    const attempt = newAttempt(booking, facts);
    await store.commit(newChange(booking, attempt));
    expect(await paymentsWith({ surplus: "true" })).toMatchObject([{ paymentId: attempt.id, surplus: 500 }]);
    expect(await paymentsWith({ status: "requested" })).toHaveLength(BOOKINGS);
    expect(await paymentsWith({ status: "prompted" })).toEqual([]);
  });

  describe("are read by an index, a page at a time, without sorting", () => {
    /** Of the first statement that it runs: the page itself. */
    async function planOf(run: () => Promise<unknown>): Promise<string> {
      const statements: { sql: string; bindings: unknown[] }[] = [];
      const listen = (query: { sql: string; bindings: unknown[] }): void => void statements.push(query);
      const { knex } = database();
      knex.on("query", listen);
      await run();
      knex.removeListener("query", listen);
      const [statement] = statements;
      if (!statement) throw new Error("no statement");
      const explain = target.isServer ? "EXPLAIN" : "EXPLAIN QUERY PLAN";
      const plan: unknown = await knex.raw(`${explain} ${statement.sql}`, statement.bindings as readonly string[]);
      return JSON.stringify(target.isServer ? z.tuple([z.unknown(), z.unknown()]).parse(plan)[0] : plan);
    }
    const cursor = async (): Promise<string> => (await payments().page(SITE, paymentsQuerySchema.parse({ limit: 50 }))).next ?? "";

    it.each<[string, (after: string) => Promise<unknown>, RegExp]>([
      ["payments", (at) => payments().page(SITE, paymentsQuerySchema.parse({ after: at })), /site_id_requested_at/],
      [
        "payments with surplus",
        (at) => payments().page(SITE, paymentsQuerySchema.parse({ after: at, surplus: "true" })),
        /waiting_site_requested_at/,
      ],
      ["payments of a phone", (at) => payments().page(SITE, paymentsQuerySchema.parse({ after: at, phoneEnding: "777" })), /phone_ending/],
      ["bookings", (at) => bookings().page(SITE, bookingsQuerySchema.parse({ after: at })), /site_id_created_at/],
      ["bookings of a day", (at) => bookings().page(SITE, bookingsQuerySchema.parse({ after: at, date: "2036-12-02" })), /site_id_date/],
    ])("%s", async (_what, run, index) => {
      const at = await cursor();
      const plan = await planOf(() => run(at));
      expect(plan).toMatch(index);
      expect(plan).not.toMatch(/filesort|USE TEMP B-TREE FOR ORDER BY/);
    });
  });
});
