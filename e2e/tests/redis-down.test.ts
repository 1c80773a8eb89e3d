import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { book, call, newPhone, pay } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { until } from "../factories/until.ts";
import { createTestDatabase } from "../servers/databases.ts";
import { startRedis, type PrivateRedis } from "../servers/redis.ts";
import { stackForTest, type Stack } from "../fixtures.ts";

/** A screen shows the outcome within this time even if its notification was lost. */
const SEEN_WITHIN_MS = 10_000;

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const twoCopies = async (): Promise<Stack> => {
  const { url, drop } = await createTestDatabase(inject("mariadbUrl"));
  onTestFinished(drop);
  return stackForTest({ databaseUrl: url, redisUrl: redis.url, copies: 2 });
};

const redisStateOf = async (url: string): Promise<unknown> => (await call(url, "/readyz")).body;

describe("while Redis is dead", () => {
  it("payments continue, and streams on the other copy show the outcome within ten seconds", async () => {
    const stack = await twoCopies();
    const [one, other] = stack.copies;
    if (!one || !other) throw new Error("there are not two copies");
    const before = await startPaying(stack);
    const elsewhere = await listen(other.url, before.booking.bookingId);

    await redis.kill9();
    for (const { url } of [one, other]) {
      await until("both to notice", async () => JSON.stringify(await redisStateOf(url)).includes('"redis":"down"'));
      expect((await call(url, "/readyz")).status).toBe(200);
    }
    await enterPin(stack, before.prompt);
    const movedAtMs = performance.now();
    await Promise.all([before.stream.untilStatus("paid"), elsewhere.untilStatus("paid")]);
    expect(performance.now() - movedAtMs).toBeLessThan(SEEN_WITHIN_MS);

    const phone = newPhone();
    const { bookingId } = await book(one.url);
    const opened = await listen(other.url, bookingId);
    await opened.until(() => true);
    expect((await pay(one.url, bookingId, phone)).status).toBe(200);
    await enterPin(stack, await stack.simulator.control.waitForPrompt(phone));
    const paidAtMs = performance.now();
    await opened.untilStatus("paid");
    expect(performance.now() - paidAtMs).toBeLessThan(SEEN_WITHIN_MS);
    expect(stack.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    await expectLedgerIsDatabase(stack);
    await redis.restart();
  });

  it("open streams catch up and are live again when Redis is back", async () => {
    const stack = await twoCopies();
    const [one, other] = stack.copies;
    if (!one || !other) throw new Error("there are not two copies");
    const { booking, prompt } = await startPaying(stack);
    const elsewhere = await listen(other.url, booking.bookingId);
    await elsewhere.until(({ payment }) => payment?.status === "prompted");
    await redis.kill9();
    await redis.restart();
    for (const { url } of [one, other]) await until("Redis", async () => JSON.stringify(await redisStateOf(url)).includes('"redis":"ok"'));
    await enterPin(stack, prompt);
    await elsewhere.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });
});
