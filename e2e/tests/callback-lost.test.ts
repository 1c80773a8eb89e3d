import { createAttentionStore } from "../../service/src/payments/operator/attention-store.ts";
import { describe, expect, it } from "vitest";
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import { call, pay, view } from "../factories/calls.ts";
import { ACCEPTED, deliverLost } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { enterPin, pushesTo, startPaying } from "../factories/paying.ts";
import { asked, attemptsIn, callbacksRead, historyIn, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, stackForTest, type Deployment, type Stack, type StackOptions } from "../fixtures.ts";

/** The service queries 20 s after the push was accepted, and 40 s after the request. */
const FIRST_QUESTION_MS = 20_500;
const SECOND_QUESTION_MS = 41_000;

/** Safaricom's answers while the outcome is unknown, and when it does not work. */
const undecided: FaultsPatch[] = [
  { queryInFlight: "4999" },
  { queryInFlight: "empty_error" },
  { queryInFlight: "being_processed" },
  { queryInFlight: "does_not_exist" },
  { queryInFlight: "too_early" },
  { queryAnswer: "internal_error" },
  { queryAnswer: "html" },
  { queryAnswer: "empty" },
  { queryAnswer: "reset" },
];

const stackWithoutCallbacks = async (deployment: Deployment, options: StackOptions = {}): Promise<Stack> =>
  stackForTest({
    ...(await deploymentOptions(deployment)),
    ...options,
    simulator: { faults: { callbackLost: true }, ...options.simulator },
  });

describe.each(deployments)("when the callback is lost (%s)", (deployment) => {
  it("a query pays, and the receipt is unknown until a late callback arrives", async () => {
    const stack = await stackWithoutCallbacks(deployment);
    const { service, simulator, clock } = stack;
    const { booking, prompt, stream } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    clock.advance(FIRST_QUESTION_MS);

    const paid = await stream.untilStatus("paid");
    expect(paid.payment?.status).toBe("paid");
    expect(paid.payment?.receipt).toBeUndefined();
    await stream.ended;
    expect(await asked(stack, booking.bookingId, 1)).toMatchObject({ receipt: null, queries: 1, nextQueryAtMs: null });
    await expectLedgerIsDatabase({ service, simulator });

    expect(await deliverLost(stack, prompt.checkoutRequestId)).toMatchObject(ACCEPTED);
    await until("the receipt", async () => (await view(service.url, booking.bookingId)).payment?.receipt === receipt);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("a query gives the reason for the failure, and a second attempt pays", async () => {
    const stack = await stackWithoutCallbacks(deployment);
    const { service, simulator, clock } = stack;
    const { booking, phone, prompt, stream } = await startPaying(stack);
    simulator.control.cancel(prompt.checkoutRequestId);
    clock.advance(FIRST_QUESTION_MS);
    expect((await stream.untilStatus("failed")).payment).toMatchObject({ status: "failed", reason: "cancelled" });

    simulator.control.setFaults({ callbackLost: false });
    expect((await pay(service.url, booking.bookingId, phone)).status).toBe(200);
    await enterPin(stack, await simulator.control.waitForPrompt(phone));
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("the payment stays open after any answer that decides nothing", async () => {
    const stack = await stackWithoutCallbacks(deployment);
    const { service, simulator, clock, logLines } = stack;
    const payers = await Promise.all(undecided.map(async (faults) => ({ faults, ...(await startPaying(stack)) })));
    for (const { phone, faults } of payers) simulator.control.setFaultsForPhone(phone, { ...faults, callbackLost: true });
    clock.advance(FIRST_QUESTION_MS);
    for (const { faults, booking } of payers) {
      expect(await asked(stack, booking.bookingId, 1), JSON.stringify(faults)).toMatchObject({ status: "prompted", reason: null });
      expect((await view(service.url, booking.bookingId)).payment_status).toBe("pending");
    }

    for (const { phone, prompt } of payers) {
      await enterPin(stack, prompt);
      simulator.control.setFaultsForPhone(phone, { callbackLost: true });
    }
    clock.advance(SECOND_QUESTION_MS - FIRST_QUESTION_MS);
    await Promise.all(payers.map(({ stream }) => stream.untilStatus("paid")));
    expect(logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    for (const { phone } of payers) expect(pushesTo(stack, phone)).toBe(1);
    await expectLedgerIsDatabase(stack);
  });

  it("the payment stays open after an unknown code, and the log names the code", async () => {
    const stack = await stackWithoutCallbacks(deployment);
    const { service, simulator, clock, logLines } = stack;
    const { booking, phone, prompt, stream } = await startPaying(stack);
    simulator.control.setFaultsForPhone(phone, { queryAnswer: "E3008", callbackLost: true });
    clock.advance(FIRST_QUESTION_MS);
    const { id, status } = await asked(stack, booking.bookingId, 1);
    expect(status).toBe("prompted");
    const line = logLines.find((entry) => entry.includes('"level":"error"') && entry.includes("E3008"));
    expect(line).toContain(id);
    const attention = createAttentionStore(service.service.database);
    expect(await attention.undecidedPayments(null)).toMatchObject([
      { reference: booking.reference, attention: expect.stringContaining("E3008") },
    ]);

    await enterPin(stack, prompt);
    simulator.control.setFaultsForPhone(phone, { callbackLost: true });
    clock.advance(SECOND_QUESTION_MS - FIRST_QUESTION_MS);
    await stream.untilStatus("paid");
    expect(await attention.undecidedPayments(null)).toEqual([]);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("a throttled query is repeated when Safaricom allows it", async () => {
    const stack = await stackWithoutCallbacks(deployment);
    const { service, simulator, clock } = stack;
    const { booking, prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    simulator.control.nextFaults({ queryAnswer: "rate_limited" });
    clock.advance(FIRST_QUESTION_MS);
    const throttled = await until("the refused question", async () => {
      const attempt = await theAttempt(stack, booking.bookingId);
      return attempt.queriedAtMs !== null && attempt;
    });
    expect(throttled).toMatchObject({ status: "prompted", queries: 0 });
    // The refusal names Safaricom's rate: five a minute.
    expect(throttled.nextQueryAtMs).toBeGreaterThan(clock.now() + 10_000);

    clock.advance(12_500);
    await stream.untilStatus("paid");
    expect(await asked(stack, booking.bookingId, 1)).toMatchObject({ queries: 1 });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("a prompt that expired without an outcome is confirming, unknown after 10 minutes, and queried until the outcome is known", async () => {
    const stack = await stackWithoutCallbacks(deployment);
    const { service, simulator, clock } = stack;
    const { booking, prompt, stream } = await startPaying(stack);
    clock.advance(61_000);
    await stream.until(({ payment }) => payment?.status === "confirming");
    await asked(stack, booking.bookingId, 1);
    clock.advance(8 * 60_000);
    await asked(stack, booking.bookingId, 2);
    expect((await view(service.url, booking.bookingId)).payment?.status).toBe("confirming");
    clock.advance(60_000);
    expect((await stream.untilStatus("failed")).payment).toMatchObject({ status: "failed", reason: "unknown" });

    await enterPin(stack, prompt);
    clock.advance(60 * 60_000);
    await stream.untilStatus("paid");
    const { id } = await theAttempt(stack, booking.bookingId);
    expect((await historyIn(stack, id)).map(({ to_status, source }) => [to_status, source])).toEqual([
      ["requested", "start"],
      ["prompted", "push"],
      ["confirming", "timer"],
      ["failed", "timer"],
      ["paid", "query"],
    ]);
    await expectLedgerIsDatabase({ service, simulator });
  });
});

describe("the budget of queries", () => {
  it("is shared by the deployment and spread evenly: two copies, five queries a minute, three open payments", async () => {
    const stack = await stackWithoutCallbacks("MariaDB, Redis", { copies: 2, environment: { MPESA_QUERIES_PER_MINUTE: "5" } });
    const { service, simulator, clock } = stack;
    const payers = await Promise.all([startPaying(stack), startPaying(stack), startPaying(stack)]);
    for (const { prompt } of payers) await enterPin(stack, prompt);
    const questions = async () => (await attemptsIn(stack)).reduce((sum, { queries }) => sum + queries, 0);

    clock.advance(FIRST_QUESTION_MS);
    for (let turn = 1; turn <= payers.length; turn++) {
      await until(`question ${turn}`, async () => (await questions()) >= turn);
      expect(await questions()).toBe(turn);
      clock.advance(12_100);
    }
    await Promise.all(payers.map(({ stream }) => stream.untilStatus("paid")));
    expect(await questions()).toBe(payers.length);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("stays under Safaricom's limit: no query of two copies is refused", async () => {
    // The simulator counts in real time, so Safaricom's five a minute are scaled to five a second. 60 a minute leave room for a slow machine.
    const stack = await stackForTest({
      ...(await deploymentOptions("MariaDB, Redis")),
      copies: 2,
      environment: { MPESA_QUERIES_PER_MINUTE: "60" },
      simulator: { faults: { callbackLost: true, queryRateLimited: true }, timings: { queryPeriodMs: 1_000, queriesPerPeriod: 5 } },
    });
    const payers = await Promise.all(Array.from({ length: 4 }, () => startPaying(stack)));
    for (const { prompt } of payers) await enterPin(stack, prompt);
    stack.clock.advance(FIRST_QUESTION_MS);
    await Promise.all(payers.map(({ stream }) => stream.untilStatus("paid")));
    const metrics = await Promise.all(stack.copies.map(async ({ url }) => String((await call(url, "/metrics")).body)));
    expect(metrics.join("\n")).toContain('somopay_status_queries_total{answer="paid"}');
    expect(metrics.join("\n")).not.toContain('somopay_status_queries_total{answer="throttled"}');
    await expectLedgerIsDatabase(stack);
  });

  it("is not used for a payment that a callback has settled", async () => {
    const stack = await stackForTest();
    const { booking, prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    await callbacksRead(stack, 1);
    expect(await theAttempt(stack, booking.bookingId)).toMatchObject({ queries: 0, nextQueryAtMs: null });
    await expectLedgerIsDatabase(stack);
  });
});
