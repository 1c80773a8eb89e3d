import { beforeAll, expect, it } from "vitest";
import { describeOnEachDatabase } from "../platform/testing.ts";
import type { PaymentEvent } from "./payment.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { recordOutcome } from "./record-outcome.ts";
import { insertTestSite, newChange, newId } from "./testing.ts";

const paidWith = (receipt: string | null): PaymentEvent => ({ type: "paid", receipt, paidAtMs: null, checkoutRequestId: null });

describeOnEachDatabase("recording an outcome", (database) => {
  let under: PaymentsUnderTest;
  beforeAll(async () => {
    await insertTestSite(database());
    under = paymentsUnderTest(database());
  });
  const record = (attempt: { id: string }, event: PaymentEvent, note?: string) => {
    // Ids of the same millisecond do not sort.
    under.clock.advance(1);
    return recordOutcome(under.deps, { attemptId: attempt.id, event, source: "query", ...(note !== undefined && { note }) });
  };
  const webhooksOf = async (attempt: { id: string }): Promise<unknown> =>
    database().knex("webhook_messages").where({ payment_id: attempt.id }).orderBy("sequence").pluck("type");

  it("publishes once, after the commit", async () => {
    const { booking, attempt } = await under.begun({ status: "prompted" });
    under.published.length = 0;
    expect(await record(attempt, paidWith(newId("UK")))).toMatchObject({ kind: "recorded", attempt: { status: "paid" } });
    expect(under.published).toEqual([{ bookingId: booking.id, version: booking.version + 1 }]);
  });

  it("publishes nothing if nothing changes", async () => {
    const { attempt } = await under.begun({ status: "paid", receipt: newId("UK"), resultCode: "0" });
    under.published.length = 0;
    expect(await record(attempt, { type: "prompt_over" })).toMatchObject({ kind: "unchanged", attempt: { status: "paid" } });
    expect(under.published).toEqual([]);
  });

  it("retries when the booking changes meanwhile", async () => {
    const { attempt } = await under.begun({ status: "prompted" });
    const { store } = under.deps;
    let changes = 0;
    const contested = {
      ...under.deps,
      store: {
        ...store,
        async commit(change: Parameters<typeof store.commit>[0]) {
          if (++changes <= 3) {
            const { booking, attempts } = await under.fileOf(change.booking);
            const before = attempts.at(-1) ?? null;
            if (before) await store.commit(newChange(booking, before, { before }));
          }
          return store.commit(change);
        },
      },
    };
    const said = { attemptId: attempt.id, event: paidWith(newId("UK")), source: "callback" } as const;
    expect(await recordOutcome(contested, said)).toMatchObject({ kind: "recorded" });
    expect(changes).toBe(4);
    expect(await under.reload(attempt)).toMatchObject({ status: "paid" });
  });

  it("writes one webhook per outcome, and none when only the receipt becomes known", async () => {
    const { attempt } = await under.begun({ status: "prompted" });
    await record(attempt, paidWith(null));
    expect(await webhooksOf(attempt)).toEqual(["payment.paid"]);
    expect(await record(attempt, paidWith(newId("UK")))).toMatchObject({ kind: "recorded" });
    expect(await webhooksOf(attempt)).toEqual(["payment.paid"]);
    await record(attempt, { type: "refunded" });
    expect(await webhooksOf(attempt)).toEqual(["payment.paid", "payment.refunded"]);
  });

  it("writes no webhook before the outcome", async () => {
    const { attempt } = await under.begun();
    await record(attempt, { type: "push_accepted", checkoutRequestId: newId("ws_CO"), merchantRequestId: null });
    await record(attempt, { type: "prompt_over" });
    expect(await webhooksOf(attempt)).toEqual([]);
    await record(attempt, { type: "gave_up" });
    expect(await webhooksOf(attempt)).toEqual(["payment.failed"]);
  });

  it("changes nothing if the receipt has paid for something else", async () => {
    const receipt = newId("UK");
    await under.begun({ status: "paid", receipt });
    const { attempt } = await under.begun({ status: "prompted" });
    under.published.length = 0;
    expect(await record(attempt, paidWith(receipt))).toMatchObject({
      kind: "receipt_taken",
      attempt: { status: "prompted", receipt: null },
    });
    expect(await under.reload(attempt)).toMatchObject({ status: "prompted", receipt: null });
    expect(under.published).toEqual([]);
  });

  it("records source and note in the history, and counts the step", async () => {
    const { attempt } = await under.begun({ status: "prompted" });
    await record(attempt, paidWith(newId("UK")), "said by hand");
    const rows: unknown = await database().knex("payment_history").where({ payment_id: attempt.id, to_status: "paid" });
    expect(rows).toMatchObject([{ from_status: "prompted", event: "paid", source: "query", note: "said by hand" }]);
    expect(await under.metrics()).toMatch(/somopay_payment_steps_total\{status="paid",reason="",source="query"\} [1-9]/);
  });

  it("records who decided it, and why, in the history", async () => {
    const { attempt } = await under.begun({ status: "confirming" });
    const decided = { source: "operator", actor: "Grace", note: "not on the statement" } as const;
    await recordOutcome(under.deps, { attemptId: attempt.id, event: { type: "settled_not_paid" }, ...decided });
    const rows: unknown = await database().knex("payment_history").where({ payment_id: attempt.id, to_status: "failed" });
    expect(rows).toMatchObject([{ event: "settled_not_paid", ...decided }]);
  });

  it("warns of surplus money only", async () => {
    const needed = await under.begun({ status: "prompted" });
    const beyond = await under.begun({ status: "prompted" }, { status: "booked" });
    under.lines.length = 0;
    await record(needed.attempt, paidWith(newId("UK")));
    await record(beyond.attempt, paidWith(newId("UK")));
    const warned = under.lines.filter((line) => line.includes('"level":"warn"'));
    expect(warned).toHaveLength(1);
    expect(warned[0]).toContain(beyond.attempt.id);
  });
});
