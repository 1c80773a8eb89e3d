import { beforeAll, expect, it } from "vitest";
import type { PaymentStatus } from "../../contract.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { createPaymentStore } from "../store/payment-store.ts";
import { createRefundStore, type Refund } from "./refund-store.ts";
import { insertTestSite, newAttempt, newBooking, newChange, newId, SITE_ID, START_MS } from "../testing.ts";

const AWAITED_MS = 120_000;

function newRefund(paymentId: string, facts: Partial<Refund> = {}): Refund {
  const id = newId("rf");
  return {
    id,
    siteId: SITE_ID,
    paymentId,
    receipt: "UKN7RT61SV",
    amountKes: 1_500,
    mpesaAccountId: "env:174379",
    status: "requested",
    resultSecretHash: `hash-of-${id}`,
    conversationId: null,
    resultCode: null,
    note: null,
    actor: "the owner",
    reason: null,
    requestedAtMs: START_MS,
    endedAtMs: null,
    ...facts,
  };
}

describeOnEachDatabase("the store of refunds", (database) => {
  beforeAll(() => insertTestSite(database()));
  const refunds = () => createRefundStore(database());
  const begin = (refund: Refund) => refunds().begin(refund, refund.requestedAtMs - AWAITED_MS, null);
  const payment = async (status: PaymentStatus = "paid"): Promise<string> => {
    const store = createPaymentStore(database());
    const booking = newBooking();
    const attempt = newAttempt(booking, { status });
    await store.insertBooking(booking, null);
    await store.commit(newChange(booking, attempt));
    return attempt.id;
  };

  it("takes no request for a payment that was refunded meanwhile", async () => {
    const paymentId = await payment("refunded");
    expect(await begin(newRefund(paymentId))).toBe("not_paid");
    expect(await refunds().ofPayment(paymentId)).toEqual([]);
  });

  it("takes one request a payment at a time", async () => {
    const paymentId = await payment();
    const results = await Promise.all(Array.from({ length: 8 }, () => begin(newRefund(paymentId))));
    expect(results.filter((result) => result === "begun")).toHaveLength(1);
    expect(await refunds().ofPayment(paymentId)).toHaveLength(1);
  });

  it("one that nobody answered in time makes room, and its late answer still decides", async () => {
    const paymentId = await payment();
    const first = newRefund(paymentId);
    await begin(first);
    expect(await begin(newRefund(paymentId, { requestedAtMs: START_MS + AWAITED_MS }))).toBe("open");
    expect(await begin(newRefund(paymentId, { requestedAtMs: START_MS + AWAITED_MS + 1 }))).toBe("begun");
    expect(await refunds().byId(first.id)).toMatchObject({ status: "unknown", endedAtMs: START_MS + AWAITED_MS + 1 });
    expect(await refunds().step(first.id, ["requested", "sent"], { status: "done", endedAtMs: START_MS })).toBe(false);
    expect(await refunds().step(first.id, ["unknown"], { status: "done", resultCode: "0", endedAtMs: START_MS })).toBe(true);
    expect(await refunds().bySecretHash(first.resultSecretHash)).toMatchObject({ status: "done", resultCode: "0" });
  });

  it("an ended one makes room at once", async () => {
    const paymentId = await payment();
    const first = newRefund(paymentId);
    await begin(first);
    await refunds().step(first.id, ["requested"], { status: "failed", note: "n".repeat(600), endedAtMs: START_MS });
    expect(await begin(newRefund(paymentId))).toBe("begun");
    expect((await refunds().ofPayment(paymentId)).map(({ status }) => status)).toEqual(["failed", "requested"]);
  });

  it("knows which requests nobody answered", async () => {
    const paymentId = await payment();
    const refund = newRefund(paymentId, { requestedAtMs: START_MS - 10_000_000 });
    await begin(refund);
    const overdue = async () => (await refunds().overdue(START_MS - 9_000_000, 10)).map(({ id }) => id);
    expect(await overdue()).toEqual([refund.id]);
    await refunds().step(refund.id, ["requested"], { status: "sent", conversationId: "AG_1", endedAtMs: null });
    expect(await overdue()).toEqual([refund.id]);
    await refunds().step(refund.id, ["sent"], { status: "unknown", endedAtMs: START_MS });
    expect(await overdue()).toEqual([]);
  });
});
