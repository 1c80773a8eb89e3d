import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { createConnection } from "mysql2/promise";
import { book, newPhone, pay, view } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { asked, callbacksRead, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { createTestDatabase } from "../servers/databases.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";
import { stackForTest } from "../fixtures.ts";

let mariaDb: PrivateMariaDb;
beforeAll(async () => {
  mariaDb = await startMariaDb();
});
afterAll(() => mariaDb.stop());

describe("faults that storms found", () => {
  it("a push's reply that met a dead database is recorded when the database is back, so that the payment can be queried", async () => {
    const stack = await stackForTest({ databaseUrl: await mariaDb.createDatabase(), simulator: { timings: { pushReplyDelayMs: 500 } } });
    const phone = newPhone();
    stack.simulator.control.setFaultsForPhone(phone, { callbackLost: true });
    const { bookingId } = await book(stack.service.url);
    const paying = pay(stack.service.url, bookingId, phone);
    const prompt = await stack.simulator.control.waitForPrompt(phone);
    await mariaDb.kill9();
    expect((await paying).status).toBe(503);
    await enterPin(stack, prompt);
    await mariaDb.restart();
    const attempt = await until("the reply in the database", async () => {
      const found = await theAttempt(stack, bookingId);
      return found.checkoutRequestId !== null && found;
    });
    expect(attempt).toMatchObject({ status: "prompted", checkoutRequestId: prompt.checkoutRequestId });
    stack.clock.advance(21_000);
    await asked(stack, bookingId, 1);
    expect((await view(stack.service.url, bookingId)).payment_status).toBe("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("a push's reply in the journal of a dead copy is recorded by another copy", async () => {
    const database = { databaseUrl: await mariaDb.createDatabase(), redisUrl: inject("redisUrl") };
    const stack = await stackForTest({ ...database, simulator: { timings: { pushReplyDelayMs: 500 }, faults: { callbackLost: true } } });
    const phone = newPhone();
    const { bookingId } = await book(stack.service.url);
    const paying = pay(stack.service.url, bookingId, phone);
    const prompt = await stack.simulator.control.waitForPrompt(phone);
    await mariaDb.kill9();
    expect((await paying).status).toBe(503);
    await stack.service.stop();
    await enterPin(stack, prompt);
    await mariaDb.restart();
    const successor = { service: await stack.startCopy() };
    const attempt = await until("the reply in the database", async () => {
      const found = await theAttempt(successor, bookingId);
      return found.checkoutRequestId !== null && found;
    });
    expect(attempt.checkoutRequestId).toBe(prompt.checkoutRequestId);
    stack.clock.advance(21_000);
    await asked(successor, bookingId, 1);
    expect((await view(successor.service.url, bookingId)).payment_status).toBe("paid");
    await expectLedgerIsDatabase({ ...successor, simulator: stack.simulator });
  });

  it("a callback whose booking is locked is processed again later", { timeout: 60_000 }, async () => {
    const { url, drop } = await createTestDatabase(inject("mariadbUrl"));
    onTestFinished(drop);
    const stack = await stackForTest({ databaseUrl: url });
    const { booking, prompt, stream } = await startPaying(stack);
    const locker = await createConnection(url);
    onTestFinished(() => locker.destroy());
    await locker.beginTransaction();
    await locker.query("update pending_sessions set updated_at = updated_at + 1 where id = ?", [booking.bookingId]);
    const receipt = await enterPin(stack, prompt);
    const triedAgain = "background work failed; retrying";
    await until("a second try to fail", () => stack.logLines.some((line) => line.includes(triedAgain)), 30_000);
    await locker.rollback();
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    expect(await callbacksRead(stack, 1)).toMatchObject([{ verdict: "verified" }]);
    await expectLedgerIsDatabase(stack);
  });

  it("the locks of a copy that loses power end soon", async () => {
    const { url, drop } = await createTestDatabase(inject("mariadbUrl"));
    onTestFinished(drop);
    const { service } = await stackForTest({ databaseUrl: url });
    const answer: unknown = await service.service.database.knex.raw("select @@wait_timeout as ends, @@innodb_lock_wait_timeout as waits");
    expect(answer).toMatchObject([[{ ends: 60, waits: 2 }], {}]);
  });
});
