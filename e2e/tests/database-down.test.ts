import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { call, pay, toProblem, view } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { expectLogIsClean } from "../factories/private-words.ts";
import { callbacksRead, tally, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";
import { freePort } from "../servers/free-port.ts";
import { stackForTest } from "../fixtures.ts";

/** Safaricom waits this long for the answer to a callback. */
const SAFARICOM_WAITS_MS = 5_000;

let mariaDb: PrivateMariaDb;
beforeAll(async () => {
  mariaDb = await startMariaDb();
});
afterAll(() => mariaDb.stop());

const healthOf = async (url: string) => {
  const { status, body } = await call(url, "/readyz");
  return { status, body };
};

describe("while the database is dead", () => {
  it("callbacks are answered in time and stored in the journal; the payments are paid when the database is back", async () => {
    const stack = await stackForTest({ databaseUrl: await mariaDb.createDatabase(), redisUrl: inject("redisUrl") });
    const { service, simulator } = stack;
    const payers = await Promise.all([startPaying(stack), startPaying(stack), startPaying(stack)]);
    expect(await healthOf(service.url)).toMatchObject({
      status: 200,
      body: { ready: true, database: "ok", redis: "ok", journal: "ok", journalDepth: 0 },
    });

    await mariaDb.kill9();
    const [first, ...others] = payers;
    if (!first) throw new Error("no payer");
    for (const { prompt } of payers) await enterPin(stack, prompt);
    for (const { prompt } of payers) {
      const delivery = await simulator.control.waitForDelivery(prompt.checkoutRequestId, { timeoutMs: SAFARICOM_WAITS_MS });
      expect(delivery).toMatchObject({ outcome: "answered", status: 200 });
      expect(delivery.durationMs).toBeLessThan(SAFARICOM_WAITS_MS);
    }
    expect(await healthOf(service.url)).toMatchObject({
      status: 200,
      body: { ready: true, database: "down", redis: "ok", journal: "ok", journalDepth: payers.length },
    });
    const refused = await pay(service.url, first.booking.bookingId, first.phone);
    expect([refused.status, toProblem(refused).code, refused.headers["retry-after"]]).toEqual([503, "unavailable", "2"]);

    await mariaDb.restart();
    for (const { stream } of [first, ...others]) expect((await stream.untilStatus("paid")).payment?.receipt).toBeDefined();
    expect(await callbacksRead(stack, payers.length)).toHaveLength(payers.length);
    expect(await healthOf(service.url)).toMatchObject({ status: 200, body: { database: "ok", journalDepth: 0 } });
    // The database's errors quote the values that could not be written.
    expectLogIsClean(stack);
    await expectLedgerIsDatabase(stack);
  });

  it("the next copy replays the journal of a copy that died, and the payment is paid", async () => {
    const port = String(await freePort());
    const environment = { PORT: port, PUBLIC_URL: `http://localhost:${port}` };
    const stack = await stackForTest({ databaseUrl: await mariaDb.createDatabase(), redisUrl: inject("redisUrl"), environment });
    const { booking, prompt } = await startPaying(stack);
    await mariaDb.kill9();
    const receipt = await enterPin(stack, prompt);
    expect(await stack.simulator.control.waitForDelivery(prompt.checkoutRequestId)).toMatchObject({ status: 200 });
    await stack.service.stop();
    await mariaDb.restart();

    const successor = await stack.startCopy();
    expect(successor.url).toBe(stack.service.url);
    const stream = await listen(successor.url, booking.bookingId);
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    expect(await theAttempt({ service: successor }, booking.bookingId)).toMatchObject({ queries: 0 });
    expect(await healthOf(successor.url)).toMatchObject({ body: { journalDepth: 0 } });
    expectLogIsClean(stack);
    await expectLedgerIsDatabase({ service: successor, simulator: stack.simulator });
  });

  it("a callback that is in the journal and, repeated, in the database pays once", async () => {
    const stack = await stackForTest({ databaseUrl: await mariaDb.createDatabase(), redisUrl: inject("redisUrl") });
    const { service, simulator } = stack;
    simulator.control.setFaults({ callbackCopies: 3 });
    const { booking, prompt, stream } = await startPaying(stack);
    await mariaDb.kill9();
    await enterPin(stack, prompt);
    const kept = await simulator.control.waitForDelivery(prompt.checkoutRequestId, { count: 3 });
    await mariaDb.restart();
    await until("the database", async () => (await call(service.url, `/api/booking/${booking.bookingId}`)).status === 200);
    expect((await call(kept.url, "", { rawBody: kept.body })).status).toBe(200);
    await stream.untilStatus("paid");
    expect(tally((await callbacksRead(stack, 4)).map(({ verdict }) => verdict))).toEqual({ verified: 1, duplicate: 3 });
    expect((await view(service.url, booking.bookingId)).payment_status).toBe("paid");
    await expectLedgerIsDatabase(stack);
  });
});
