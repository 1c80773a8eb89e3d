import { Registry } from "prom-client";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import type { Booking } from "../bookings/booking.ts";
import { hashSecret } from "../platform/ids.ts";
import { openJournal } from "../platform/journal.ts";
import { describeOnEachDatabase, folderForTest, testLogger } from "../platform/testing.ts";
import { createPaymentMetrics } from "./payment-metrics.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { createCallbackProcessing } from "./process-together.ts";
import { receiveCallback } from "./receive-callback.ts";
import { createCallbackInbox, type StoredCallback } from "./store/callback-inbox.ts";
import type { PaymentStore } from "./store/payment-store.ts";
import { insertTestSite, newId } from "./testing.ts";

type Told = { resultCode?: number; amountKes?: number; receipt?: string };

describeOnEachDatabase("callbacks that arrive together", (database) => {
  beforeAll(() => insertTestSite(database()));

  const setUp = async (changed: Partial<PaymentStore> = {}) => {
    const journal = await openJournal(folderForTest());
    onTestFinished(() => journal.close());
    const { logger } = testLogger();
    const inbox = createCallbackInbox({ database: database(), journal, logger, metrics: createPaymentMetrics(new Registry()) });
    const under = paymentsUnderTest(database(), { inbox });
    const together: number[] = [];
    const { store } = under.deps;
    const deps = {
      ...under.deps,
      store: {
        ...store,
        commitTogether: (changes: Parameters<PaymentStore["commitTogether"]>[0]) => {
          together.push(changes.length);
          return store.commitTogether(changes);
        },
        ...changed,
      },
    };
    return { under, deps, together, processing: createCallbackProcessing(deps) };
  };
  const prompted = async (under: PaymentsUnderTest, facts: Partial<Booking> = {}) => {
    const secret = newId("secret");
    const checkoutRequestId = newId("ws_CO");
    const own = { status: "prompted", checkoutRequestId, callbackSecretHash: hashSecret(secret) } as const;
    const { booking, attempt } = await under.begun(own, facts);
    return { booking, attempt, secret, checkoutRequestId };
  };
  const told = async (
    under: PaymentsUnderTest,
    { secret, checkoutRequestId }: { secret: string; checkoutRequestId: string },
    { resultCode = 0, amountKes = 1_500, receipt = newId("UKN").replace("_", "").slice(0, 12) }: Told = {},
  ): Promise<StoredCallback> => {
    const Item = [
      { Name: "Amount", Value: amountKes },
      { Name: "MpesaReceiptNumber", Value: receipt },
    ];
    const stkCallback = {
      CheckoutRequestID: checkoutRequestId,
      ResultCode: resultCode,
      ResultDesc: "",
      ...(resultCode === 0 && { CallbackMetadata: { Item } }),
    };
    const body = Buffer.from(JSON.stringify({ Body: { stkCallback } }));
    const stored = await receiveCallback(under.deps, { kind: "stk", secret, remoteAddress: "196.201.214.200", body, truncated: false });
    if (!stored) throw new Error("the journal took it");
    return stored;
  };
  const receiptOf = ({ checkoutRequestId }: { checkoutRequestId: string }): string =>
    hashSecret(checkoutRequestId).slice(0, 12).toUpperCase();
  const verdictsOf = async (callbacks: readonly StoredCallback[]): Promise<unknown[]> => {
    const rows: { id: string; verdict: unknown }[] = await database()
      .knex("callbacks")
      .whereIn(
        "id",
        callbacks.map(({ id }) => id),
      )
      .select("id", "verdict");
    return callbacks.map(({ id }) => rows.find((row) => row.id === id)?.verdict);
  };

  it("are recorded in one transaction, each as it would be by itself", async () => {
    const { under, processing, together } = await setUp();
    const payments = [await prompted(under), await prompted(under), await prompted(under)];
    const [first, second, third] = payments;
    if (!first || !second || !third) throw new Error("too few");
    const callbacks = [await told(under, first), await told(under, second, { resultCode: 1032 }), await told(under, third)];
    await Promise.all(callbacks.map((callback) => processing.add(callback)));
    expect(together).toEqual([3]);
    const files = await Promise.all(payments.map(({ booking }) => under.fileOf(booking)));
    expect(files.map(({ booking }) => [booking.status, booking.version])).toEqual([
      ["booked", 3],
      ["pending", 3],
      ["booked", 3],
    ]);
    expect(files.map(({ attempts }) => [attempts[0]?.status, attempts[0]?.reason])).toEqual([
      ["paid", null],
      ["failed", "cancelled"],
      ["paid", null],
    ]);
    expect(await verdictsOf(callbacks)).toEqual(["verified", "verified", "verified"]);
    for (const { attempt } of payments)
      expect(await database().knex("payment_history").where({ payment_id: attempt.id, source: "callback" })).toHaveLength(1);
    expect(under.published.map(({ bookingId }) => bookingId).toSorted()).toEqual(payments.map(({ booking }) => booking.id).toSorted());
  });

  it("of one payment count once, and the others are duplicates", async () => {
    const { under, processing, together } = await setUp();
    const payment = await prompted(under);
    const receipt = newId("UKN").replace("_", "").slice(0, 12);
    const callbacks = [
      await told(under, payment, { receipt }),
      await told(under, payment, { receipt }),
      await told(under, payment, { receipt }),
    ];
    await Promise.all(callbacks.map((callback) => processing.add(callback)));
    expect(together).toEqual([1]);
    expect((await verdictsOf(callbacks)).map(String).toSorted()).toEqual(["duplicate", "duplicate", "verified"]);
    expect(await database().knex("sessions").where({ pending_session_id: payment.booking.id })).toHaveLength(1);
  });

  it("of more than one group count once too, although two groups are recorded at the same time", async () => {
    const { under, processing, together } = await setUp();
    const payments = await Promise.all(Array.from({ length: 130 }, () => prompted(under)));
    const first = await Promise.all(payments.map((payment) => told(under, payment, { receipt: receiptOf(payment) })));
    const again = await Promise.all(payments.map((payment) => told(under, payment, { receipt: receiptOf(payment) })));
    await Promise.all([...first, ...again].map((callback) => processing.add(callback)));
    expect(Math.max(...together)).toBeGreaterThan(1);
    const verdicts = [await verdictsOf(first), await verdictsOf(again)];
    for (const index of payments.keys())
      expect([verdicts[0]?.[index], verdicts[1]?.[index]].map(String).toSorted()).toEqual(["duplicate", "verified"]);
    const ids = payments.map(({ booking }) => booking.id);
    expect(await database().knex("sessions").whereIn("pending_session_id", ids)).toHaveLength(payments.length);
    const history = database().knex("payment_history").where({ event: "paid", source: "callback" });
    expect(
      await history.whereIn(
        "payment_id",
        payments.map(({ attempt }) => attempt.id),
      ),
    ).toHaveLength(payments.length);
  });

  it("for a lapsed booking are recorded by themselves, because its place may be taken", async () => {
    const { under, processing, together } = await setUp();
    const date = "2026-12-09";
    await processing.add(await told(under, await prompted(under, { date })));
    const lapsed = await prompted(under, { date, status: "lapsed" });
    const callback = await told(under, lapsed);
    await processing.add(callback);
    expect(together).toEqual([1]);
    expect(await verdictsOf([callback])).toEqual(["verified"]);
    expect(await under.fileOf(lapsed.booking)).toMatchObject({ booking: { status: "lapsed" }, attempts: [{ status: "paid" }] });
  });

  it("are not held up by one that does not count", async () => {
    const { under, processing, together } = await setUp();
    const [good, bad] = [await prompted(under), await prompted(under)];
    const callbacks = [await told(under, bad, { amountKes: 1 }), await told(under, good)];
    await Promise.all(callbacks.map((callback) => processing.add(callback)));
    expect(together).toEqual([1]);
    expect(await verdictsOf(callbacks)).toEqual(["unverified", "verified"]);
    expect((await under.reload(bad.attempt)).status).toBe("prompted");
  });

  it("are each recorded by themselves if one's receipt has paid for something else", async () => {
    const { under, processing } = await setUp();
    const receipt = newId("UKN").replace("_", "").slice(0, 12);
    await under.begun({ status: "paid", receipt });
    const [good, bad] = [await prompted(under), await prompted(under)];
    const callbacks = [await told(under, bad, { receipt }), await told(under, good)];
    await Promise.all(callbacks.map((callback) => processing.add(callback)));
    expect(await verdictsOf(callbacks)).toEqual(["unverified", "verified"]);
    expect((await under.reload(good.attempt)).status).toBe("paid");
    expect((await under.reload(bad.attempt)).status).toBe("prompted");
  });

  it("are each recorded by themselves if one's booking was changed since it was read", async () => {
    let isFirst = true;
    const { under, deps, processing } = await setUp();
    const { loadBySecretHashes } = deps.store;
    const [changed, other] = [await prompted(under), await prompted(under)];
    deps.store.loadBySecretHashes = async (hashes) => {
      const found = await loadBySecretHashes(hashes);
      if (isFirst) await database().knex("pending_sessions").where({ id: changed.booking.id }).increment("version", 1);
      isFirst = false;
      return found;
    };
    const callbacks = [await told(under, changed), await told(under, other)];
    await Promise.all(callbacks.map((callback) => processing.add(callback)));
    expect(await verdictsOf(callbacks)).toEqual(["verified", "verified"]);
    for (const { booking } of [changed, other]) expect((await under.fileOf(booking)).booking.status).toBe("booked");
  });

  it("are each processed by themselves if they cannot be read together", async () => {
    const { under, processing } = await setUp({ loadBySecretHashes: () => Promise.reject(new Error("a fault in the group")) });
    const payment = await prompted(under);
    const callback = await told(under, payment);
    await processing.add(callback);
    expect(await verdictsOf([callback])).toEqual(["verified"]);
  });
});
