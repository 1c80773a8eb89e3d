import { beforeAll, describe, expect, it } from "vitest";
import type { Attempt } from "../payment.ts";
import { bookingsIn, newChange, START_MS } from "../testing.ts";
import { type PaymentStore } from "./payment-store.ts";
import { HINT_QUERIES_MAX } from "./status-queries.ts";
import { describeOnEachStore, type StoreUnderTest } from "./store-under-test.ts";

const MINUTE_MS = 60_000;
const LEASE_MS = 30_000;
const NOT_SINCE_MS = START_MS - MINUTE_MS;

describeOnEachStore("the shares of queries in the payment store", (under) => {
  let place: StoreUnderTest;
  let store: PaymentStore;
  beforeAll(() => {
    place = under();
    ({ store } = place);
  });
  const { begun, reload } = bookingsIn(() => store);
  let prompts = 0;
  const prompted = async (facts: Partial<Attempt>) => {
    const checkoutRequestId = `ws_CO_share_${(prompts += 1)}`;
    return begun({ status: "prompted", checkoutRequestId, ...facts });
  };
  const failed = { status: "failed", reason: "cancelled", resultCode: "1032" } as const;
  const hintOf = async ({ id }: Attempt) => (await place.rowsOf("payments", "id", id))[0]?.["hint_query_at"];
  const causes = async (accountId: string, nowMs = START_MS, quietUntilMs = nowMs) =>
    (await store.accountsToQuery(nowMs, quietUntilMs)).filter((due) => due.accountId === accountId).map(({ cause }) => cause);

  it("are told apart by account: what is due at one is not taken for another", async () => {
    const { attempt: first } = await prompted({ mpesaAccountId: "acct_a", nextQueryAtMs: START_MS });
    const { attempt: second } = await prompted({ mpesaAccountId: "acct_b", nextQueryAtMs: START_MS - 1 });
    const due = (await store.accountsToQuery(START_MS, START_MS)).map(({ accountId }) => accountId);
    expect(due).toEqual(expect.arrayContaining(["acct_a", "acct_b"]));
    expect((await store.takeDueQuery("acct_a", START_MS, LEASE_MS))?.id).toBe(first.id);
    expect(await store.takeDueQuery("acct_a", START_MS, LEASE_MS)).toBeNull();
    expect((await store.takeDueQuery("acct_b", START_MS, LEASE_MS))?.id).toBe(second.id);
  });

  describe("after a hint", () => {
    it("the attempt's own plan stays as it is, and the hint is taken once", async () => {
      const { attempt } = await prompted({ mpesaAccountId: "acct_plan", nextQueryAtMs: START_MS + 20_000 });
      await store.requestHintQuery(attempt.id, START_MS, NOT_SINCE_MS);
      expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: START_MS + 20_000, queries: 0 });
      expect(await causes("acct_plan")).toEqual(["hint"]);
      const taken = await Promise.all(Array.from({ length: 5 }, () => store.takeDueHint("acct_plan", START_MS)));
      expect(taken.filter((one) => one !== null)).toHaveLength(1);
      await store.scheduleHint(attempt.id, { askedAtMs: START_MS, queriedAtMs: START_MS + 5, nextQueryAtMs: null, asked: 1 });
      expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: START_MS + 20_000, queriedAtMs: START_MS + 5, queries: 0 });
      expect(await causes("acct_plan")).toEqual([]);
    });

    it("it waits while anything else of the account is due before its turn is over", async () => {
      const { attempt } = await prompted({ mpesaAccountId: "acct_busy", ...failed });
      await prompted({ mpesaAccountId: "acct_busy", nextQueryAtMs: START_MS + 12_000 });
      await store.requestHintQuery(attempt.id, START_MS, NOT_SINCE_MS);
      expect(await causes("acct_busy", START_MS, START_MS + 12_000)).toEqual([]);
      expect(await causes("acct_busy", START_MS, START_MS + 11_999)).toEqual(["hint"]);
    });

    it("a query by plan answers it too", async () => {
      const { attempt } = await prompted({ mpesaAccountId: "acct_both", nextQueryAtMs: START_MS });
      await store.requestHintQuery(attempt.id, START_MS, NOT_SINCE_MS);
      expect((await store.takeDueQuery("acct_both", START_MS, LEASE_MS))?.id).toBe(attempt.id);
      expect(await hintOf(attempt)).toBeNull();
    });

    it("that came during a query, it is queried a minute after it", async () => {
      const { attempt } = await prompted({ mpesaAccountId: "acct_during", nextQueryAtMs: START_MS });
      await store.takeDueQuery("acct_during", START_MS, LEASE_MS);
      await store.requestHintQuery(attempt.id, START_MS + 1, NOT_SINCE_MS);
      const note = { askedAtMs: START_MS, queriedAtMs: START_MS + 10, nextQueryAtMs: START_MS + 40_000, asked: 1 } as const;
      await store.scheduleQuery(attempt.id, note);
      expect(await hintOf(attempt)).toBe(START_MS + 10 + MINUTE_MS);
      expect(await reload(attempt)).toMatchObject({ nextQueryAtMs: START_MS + 40_000, queries: 1 });
    });

    it("within a minute of a query, it is queried when the minute is over", async () => {
      const { attempt } = await prompted({ mpesaAccountId: "acct_minute", ...failed, queriedAtMs: START_MS - 1_000 });
      for (let times = 0; times < 3; times++) await store.requestHintQuery(attempt.id, START_MS + times, NOT_SINCE_MS + times);
      expect(await hintOf(attempt)).toBe(START_MS + 59_000);
    });

    it("about a payment that Safaricom confirmed, nothing is queried, and a hint from before is forgotten with the next query", async () => {
      const { booking, attempt: before } = await prompted({ mpesaAccountId: "acct_paid" });
      await store.requestHintQuery(before.id, START_MS, NOT_SINCE_MS);
      await store.commit(newChange(booking, { ...before, status: "paid", resultCode: "0", receipt: "UKN7HINT01" }, { before }));
      await store.scheduleHint(before.id, { askedAtMs: START_MS, queriedAtMs: START_MS, nextQueryAtMs: START_MS + 1, asked: 1 });
      expect(await hintOf(before)).toBeNull();
      await store.requestHintQuery(before.id, START_MS, NOT_SINCE_MS);
      expect(await hintOf(before)).toBeNull();
    });

    it("an attempt is queried so often, and no more", async () => {
      const { attempt } = await prompted({ mpesaAccountId: "acct_often", ...failed });
      for (let times = 0; times < HINT_QUERIES_MAX; times++) {
        const nowMs = START_MS + times * MINUTE_MS;
        await store.requestHintQuery(attempt.id, nowMs, nowMs - MINUTE_MS + 1);
        expect((await store.takeDueHint("acct_often", nowMs))?.id).toBe(attempt.id);
        await store.scheduleHint(attempt.id, { askedAtMs: nowMs, queriedAtMs: nowMs, nextQueryAtMs: nowMs + 1, asked: 1 });
      }
      const laterMs = START_MS + 10 * HINT_QUERIES_MAX * MINUTE_MS;
      await store.requestHintQuery(attempt.id, laterMs, laterMs - MINUTE_MS);
      expect(await hintOf(attempt)).toBeNull();
      expect(await causes("acct_often", laterMs)).toEqual([]);
    });
  });
});
