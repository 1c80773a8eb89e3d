import { Registry } from "prom-client";
import { beforeAll, beforeEach, expect, it } from "vitest";
import type { DarajaClient } from "../daraja/daraja-client.ts";
import type { DarajaCredentials, QueryAnswer } from "../daraja/daraja-types.ts";
import { createInProcessHub } from "../platform/channel-hub.ts";
import { createIds } from "../platform/ids.ts";
import { createLeases } from "../platform/leases.ts";
import { describeOnEachDatabase, testClock, testLogger } from "../platform/testing.ts";
import type { MpesaAccount } from "../sites/mpesa-account.ts";
import { createPaymentMetrics } from "./payment-metrics.ts";
import type { Attempt } from "./payment.ts";
import { queryDue, type Reconciler } from "./reconcile-payments.ts";
import { createPaymentStore, type PaymentStore } from "./store/payment-store.ts";
import { bookingsIn, insertTestSite, newId } from "./testing.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Five a minute. */
const TURN_MS = 12 * SECOND_MS;
const PENDING: QueryAnswer = { kind: "pending", message: "still under processing" };
const FAILED: QueryAnswer = { kind: "failed", code: "1032", reason: "cancelled", message: "Request cancelled by user" };

const notHere = (): never => {
  throw new Error("only queries are sent here");
};

describeOnEachDatabase("the turns of the queries", (database) => {
  const clock = testClock();
  let store: PaymentStore;
  let asked: { id: string; shortcode: string; atMs: number }[];
  let answers: Map<string, QueryAnswer>;
  let missing: Set<string>;
  let log: ReturnType<typeof testLogger>;
  let startMs: number;

  beforeAll(async () => {
    await insertTestSite(database());
    store = createPaymentStore(database());
  });
  beforeEach(() => {
    // A day after the last case, whose attempts have been queried to the end of their plans or are taken by nobody any more.
    clock.advance(24 * 60 * MINUTE_MS);
    startMs = clock.now();
    asked = [];
    answers = new Map();
    missing = new Set();
    log = testLogger();
  });
  const { begun, reload } = bookingsIn(() => store);

  const accountOf = (id: string): MpesaAccount => ({
    id,
    credentials: { consumerKey: `key of ${id}`, consumerSecret: "secret", shortcode: id, passkey: "passkey" },
  });
  const query = async ({ shortcode }: DarajaCredentials, id: string): Promise<QueryAnswer> => {
    asked.push({ id, shortcode, atMs: clock.now() - startMs });
    return answers.get(id) ?? answers.get(shortcode) ?? PENDING;
  };
  const daraja: DarajaClient = {
    query,
    push: notHere,
    checkCredentials: notHere,
    registerC2b: notHere,
    lookUp: notHere,
    reverse: notHere,
    qrCode: notHere,
    close: async () => undefined,
    breakerState: () => "closed",
  };
  const copy = (): Reconciler => ({
    store,
    hub: createInProcessHub(),
    ids: createIds(clock.now),
    now: clock.now,
    logger: log.logger,
    metrics: createPaymentMetrics(new Registry()),
    composeWebhooks: async () => [],
    daraja,
    accounts: {
      ofSite: async () => null,
      ofPayment: async ({ mpesaAccountId }) => (mpesaAccountId === null || missing.has(mpesaAccountId) ? null : accountOf(mpesaAccountId)),
      ofShortcode: async () => null,
      isUnreadable: async () => false,
    },
    leases: createLeases(database(), newId("copy"), clock.now),
    queriesPerMinute: 5,
  });
  const due = async (mpesaAccountId: string, facts: Partial<Attempt> = {}): Promise<Attempt> => {
    const requestedAtMs = startMs - 20 * SECOND_MS;
    const own = { status: "prompted", checkoutRequestId: newId("ws_CO"), nextQueryAtMs: startMs, requestedAtMs } as const;
    return (await begun({ mpesaAccountId, ...own, ...facts })).attempt;
  };
  const cancelled = { status: "failed", reason: "cancelled", resultCode: "1032", nextQueryAtMs: null } as const;
  const forge = async (attempt: Attempt): Promise<void> => store.requestHintQuery(attempt.id, clock.now(), clock.now() - MINUTE_MS);
  /** Two copies that look once a second, or less often where only the order counts. */
  const run = async (durationMs: number, pauseMs = SECOND_MS): Promise<void> => {
    const copies = [copy(), copy()];
    for (let passedMs = 0; passedMs <= durationMs; passedMs += pauseMs) {
      await Promise.all(copies.map(queryDue));
      clock.advance(pauseMs);
    }
  };

  it("are five a minute for each account, and no account waits for another", async () => {
    const [busy, quiet] = [newId("acct"), newId("acct")];
    answers.set(busy, FAILED);
    answers.set(quiet, FAILED);
    for (let index = 0; index < 12; index++) await due(busy);
    const late = await due(quiet, { nextQueryAtMs: startMs + 30 * SECOND_MS });
    await run(MINUTE_MS - SECOND_MS);
    const times = asked.filter(({ shortcode }) => shortcode === busy).map(({ atMs }) => atMs);
    expect(times).toEqual([0, 1, 2, 3, 4].map((turn) => turn * TURN_MS));
    expect(asked.filter(({ id }) => id === late.checkoutRequestId)).toMatchObject([{ atMs: 30 * SECOND_MS }]);
    await run(2 * MINUTE_MS, TURN_MS);
  });

  it("stop for an account that is queried too often, and for no other", async () => {
    const [throttled, healthy] = [newId("acct"), newId("acct")];
    answers.set(throttled, { kind: "throttled", retryAfterMs: MINUTE_MS });
    answers.set(healthy, FAILED);
    await due(throttled);
    for (let index = 0; index < 3; index++) await due(healthy);
    await run(30 * SECOND_MS);
    expect(asked.filter(({ shortcode }) => shortcode === throttled)).toHaveLength(1);
    expect(asked.filter(({ shortcode }) => shortcode === healthy)).toHaveLength(3);
    answers.set(throttled, FAILED);
    await run(2 * MINUTE_MS, TURN_MS);
  });

  it("go to payments first: forty forged callbacks delay none of them, and are queried one a minute", async () => {
    const account = newId("acct");
    answers.set(account, FAILED);
    const forged: Attempt[] = [];
    for (let index = 0; index < 40; index++) forged.push(await due(account, cancelled));
    for (const attempt of forged) await forge(attempt);
    const honest = [20, 33, 61].map(async (afterS) => due(account, { nextQueryAtMs: startMs + afterS * SECOND_MS }));
    const ids = (await Promise.all(honest)).map(({ checkoutRequestId }) => checkoutRequestId);
    await run(2 * MINUTE_MS);
    const timesS = asked.filter(({ id }) => ids.includes(id)).map(({ atMs }) => atMs / SECOND_MS);
    expect(timesS).toEqual([20, 33, 61]);
    const hints = asked.filter(({ id }) => !ids.includes(id));
    expect(hints.length).toBeGreaterThanOrEqual(2);
    expect(hints.length).toBeLessThanOrEqual(3);
    // Every one of them is settled in the end.
    await run(45 * MINUTE_MS, MINUTE_MS);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(43);
  });

  it("settle a payment that a callback without its secret reported, if Safaricom says so", async () => {
    const account = newId("acct");
    const attempt = await due(account, cancelled);
    answers.set(attempt.checkoutRequestId ?? "", { kind: "paid" });
    await forge(attempt);
    await run(2 * SECOND_MS);
    expect(await reload(attempt)).toMatchObject({ status: "paid" });
  });

  it("cannot query a payment whose account is gone: that is an error in the log, and the payment is listed", async () => {
    const account = newId("env:174379");
    missing.add(account);
    const attempt = await due(account);
    await run(SECOND_MS);
    expect(asked).toEqual([]);
    expect(log.lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ level: "error", paymentId: attempt.id, msg: expect.stringContaining("a payment cannot be queried") }),
    );
    const row: unknown = await database().knex("payments").where({ id: attempt.id }).first("attention");
    expect(row).toMatchObject({ attention: expect.stringContaining("account is gone") });
  });
});
