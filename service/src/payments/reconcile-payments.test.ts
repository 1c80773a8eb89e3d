import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import type { DarajaClient, QueryAnswer } from "../daraja/daraja-types.ts";
import { createLeases } from "../platform/leases.ts";
import { describeOnEachDatabase } from "../platform/testing.ts";
import type { Attempt } from "./payment.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { nextQueryAt, queryDue, settleOverdue } from "./reconcile-payments.ts";
import { insertTestSite, newAttempt, newChange, newId, START_MS } from "./testing.ts";

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

test.each([
  [1, 40],
  [2, 65],
  [3, 90],
  [4, 120],
  [5, 300],
  [8, 3_600],
  [12, 86_400],
])("after %i questions the next is %i s after the request", (queries, seconds) => {
  expect(nextQueryAt(START_MS, queries, START_MS + 1)).toBe(START_MS + seconds * SECOND_MS);
});

it("ends after a day; a query for a later unverified callback is repeated once a day, and not for long", () => {
  const now = START_MS + 3 * DAY_MS;
  expect(nextQueryAt(START_MS, 13, now)).toBeNull();
  expect(nextQueryAt(START_MS, 14, now)).toBe(now + DAY_MS);
  expect(nextQueryAt(START_MS, 20, now)).toBe(now + DAY_MS);
  expect(nextQueryAt(START_MS, 21, now)).toBeNull();
});

it("is never at once, however late it is", () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.nat({ max: 10 * DAY_MS }), (queries, lateMs) => {
      const nextMs = nextQueryAt(START_MS, queries, START_MS + lateMs) ?? Infinity;
      expect(nextMs).toBeGreaterThanOrEqual(START_MS + lateMs + 10 * SECOND_MS);
    }),
  );
});

describeOnEachDatabase("a status query", (database) => {
  beforeAll(() => insertTestSite(database()));
  let under: PaymentsUnderTest;
  let answers: QueryAnswer[];
  let asked: string[];
  beforeEach(async () => {
    await database().knex("payments").update({ next_query_at: null });
    await database().knex("leases").delete();
    answers = [];
    asked = [];
    const query: DarajaClient["query"] = async (_credentials, checkoutRequestId) => {
      asked.push(checkoutRequestId);
      const answer = answers.shift();
      if (!answer) throw new Error("unexpected query");
      return answer;
    };
    under = paymentsUnderTest(database(), { daraja: { query }, queriesPerMinute: 5 });
  });
  const newReceipt = () => newId("UKN").replace("_", "").slice(0, 12);
  /** An attempt that is due. */
  const due = async (facts: Partial<Attempt> = {}) =>
    under.begun({ status: "prompted", checkoutRequestId: newId("ws_CO"), nextQueryAtMs: under.clock.now(), ...facts });
  const ask = (answer: QueryAnswer): Promise<boolean> => {
    answers.push(answer);
    return queryDue(under.deps);
  };
  const dueIn = async (attempt: Attempt): Promise<number | null> => {
    const { nextQueryAtMs } = await under.reload(attempt);
    return nextQueryAtMs === null ? null : nextQueryAtMs - under.clock.now();
  };

  it("is one of five a minute, evenly spread over all copies", async () => {
    await due();
    await due();
    const other = { ...under.deps, leases: createLeases(database(), "copy-2", under.clock.now) };
    const pending: QueryAnswer = { kind: "pending", message: "not yet" };
    answers = [pending, pending];
    expect(await queryDue(under.deps)).toBe(true);
    expect([await queryDue(under.deps), await queryDue(other)]).toEqual([false, false]);
    under.clock.advance(11_999);
    expect(await queryDue(other)).toBe(false);
    under.clock.advance(1);
    expect(await queryDue(other)).toBe(true);
    expect(new Set(asked).size).toBe(2);
  });

  it("uses no turn if nothing is due", async () => {
    const { attempt } = await due({ nextQueryAtMs: under.clock.now() + 1 });
    expect(await queryDue(under.deps)).toBe(false);
    under.clock.advance(1);
    expect(await ask({ kind: "pending", message: "not yet" })).toBe(true);
    expect(asked).toEqual([attempt.checkoutRequestId]);
  });

  it("that is throttled does not count, and blocks all queries for as long as Safaricom says", async () => {
    const { attempt } = await due();
    await due();
    await ask({ kind: "throttled", retryAfterMs: 30_000 });
    expect(await under.reload(attempt)).toMatchObject({ queries: 0 });
    expect(await dueIn(attempt)).toBe(30_000);
    under.clock.advance(29_999);
    expect(await queryDue(under.deps)).toBe(false);
    under.clock.advance(1);
    expect(await ask({ kind: "pending", message: "not yet" })).toBe(true);
  });

  it("with an unknown answer decides nothing, and is shown to the owner until a known one comes", async () => {
    const { attempt } = await due();
    const attention = async (): Promise<unknown> => database().knex("payments").where({ id: attempt.id }).first("attention");
    await ask({ kind: "unrecognised", code: "E9", message: "?" });
    expect(await under.reload(attempt)).toMatchObject({ status: "prompted", queries: 1 });
    expect(await attention()).toEqual({ attention: "Safaricom answered E9: ?" });
    under.clock.advance(60_000);
    await ask({ kind: "pending", message: "not yet" });
    expect(await attention()).toEqual({ attention: null });
  });

  it("with a long unknown answer is truncated to its column", async () => {
    const { attempt } = await due();
    await ask({ kind: "unrecognised", code: null, message: "?".repeat(500) });
    const row: unknown = await database().knex("payments").where({ id: attempt.id }).first("attention");
    expect(row).toEqual({ attention: `Safaricom answered without a code: ${"?".repeat(165)}` });
  });

  describe("answered paid", () => {
    const toldBefore = async (attempt: Attempt, receipt: string, secretHash = attempt.callbackSecretHash) =>
      database()
        .knex("callbacks")
        .insert({
          id: newId("cb"),
          received_at: START_MS,
          kind: "stk",
          secret_hash: secretHash,
          remote_address: "127.0.0.1",
          body: "{}",
          body_encoding: "utf8",
          truncated: 0,
          payment_id: attempt.id,
          verdict: "unverified",
          receipt,
        });

    it("pays with the receipt of an unverified callback on the attempt's own address", async () => {
      const { attempt } = await due();
      const receipt = newReceipt();
      await toldBefore(attempt, receipt);
      await ask({ kind: "paid" });
      expect(await under.reload(attempt)).toMatchObject({ status: "paid", receipt, resultCode: "0", nextQueryAtMs: null });
    });

    it("ignores the receipt of a callback on another address", async () => {
      const { attempt } = await due();
      await toldBefore(attempt, newReceipt(), "another-hash");
      await ask({ kind: "paid" });
      expect(await under.reload(attempt)).toMatchObject({ status: "paid", receipt: null });
    });

    it("pays without the receipt if it has paid for something else", async () => {
      const receipt = newReceipt();
      await under.begun({ status: "paid", receipt });
      const { attempt } = await due();
      await toldBefore(attempt, receipt);
      await ask({ kind: "paid" });
      expect(await under.reload(attempt)).toMatchObject({ status: "paid", receipt: null });
    });

    it("records both payments if other money was matched to the prompt before", async () => {
      const { booking, attempt } = await due({ status: "paid", receipt: newReceipt() });
      const receipt = newReceipt();
      await toldBefore(attempt, receipt);
      await ask({ kind: "paid" });
      const { attempts } = await under.fileOf(booking);
      expect(attempts.map(({ receipt: own, surplusKes }) => [own, surplusKes])).toEqual([
        [attempt.receipt, 0],
        [receipt, 1_500],
      ]);
      expect(await under.reload(attempt)).toMatchObject({ resultCode: "0", nextQueryAtMs: null });
    });

    it("is repeated after a minute, at most 20 times, while the money may be another attempt's", async () => {
      for (const [queries, next] of [
        [19, 60_000],
        [20, null],
      ] as const) {
        const { booking, attempt } = await due({ status: "failed", reason: "no_answer", resultCode: "1037", queries });
        const holder = newAttempt(
          { ...booking, version: 2 },
          { status: "paid", receipt: newReceipt(), paidAtMs: START_MS, nextQueryAtMs: 9e12 },
        );
        await under.deps.store.commit(newChange(booking, holder));
        await ask({ kind: "paid" });
        expect(await under.reload(attempt)).toMatchObject({ status: "failed" });
        expect(await dueIn(attempt)).toBe(next);
        under.clock.advance(60_000);
        await database().knex("payments").update({ next_query_at: null });
      }
    });
  });

  it("answered with a failure that may still be paid is repeated after two minutes", async () => {
    const { attempt } = await due();
    await ask({ kind: "failed", code: "1037", reason: "no_answer", message: "no answer" });
    expect(await under.reload(attempt)).toMatchObject({ status: "failed", reason: "no_answer" });
    expect(await dueIn(attempt)).toBe(2 * 60 * SECOND_MS);
  });

  it("answered with a final failure is not repeated", async () => {
    const { attempt } = await due();
    await ask({ kind: "failed", code: "1032", reason: "cancelled", message: "cancelled" });
    expect(await under.reload(attempt)).toMatchObject({ status: "failed", nextQueryAtMs: null });
  });

  it.each([
    ["repeated for a day for an open attempt", "confirming", 11, true],
    ["not repeated after that day", "confirming", 12, false],
    ["not repeated after 20 for an ended one", "failed", 20, false],
    ["repeated up to 20 times for an ended one", "failed", 19, true],
  ] as const)("without an answer: %s", async (_what, status, queries, isAskedAgain) => {
    const { attempt } = await due({ status, queries, reason: status === "failed" ? "unknown" : null });
    await ask({ kind: "pending", message: "not yet" });
    expect((await dueIn(attempt)) !== null).toBe(isAskedAgain);
  });
});

describeOnEachDatabase("an overdue attempt", (database) => {
  beforeAll(() => insertTestSite(database()));

  it.each<[string, Partial<Attempt>, number, Attempt["status"]]>([
    ["a request is confirming after 15 s", { status: "requested" }, 15 * SECOND_MS, "confirming"],
    [
      "a prompt is confirming when it expires",
      { status: "prompted", promptExpiresAtMs: START_MS + 60 * SECOND_MS },
      60 * SECOND_MS,
      "confirming",
    ],
    ["an attempt without a prompt id fails after ten minutes", { status: "confirming" }, 600 * SECOND_MS, "failed"],
  ])("%s", async (_what, facts, afterMs, status) => {
    const under = paymentsUnderTest(database());
    const { attempt } = await under.begun({ requestedAtMs: START_MS, ...facts });
    under.clock.advance(START_MS + afterMs - 1 - under.clock.now());
    await settleOverdue(under.deps);
    expect(await under.reload(attempt)).toMatchObject({ status: attempt.status });
    under.clock.advance(1);
    await settleOverdue(under.deps);
    expect(await under.reload(attempt)).toMatchObject({ status });
  });
});
