import { describe, expect, inject, it, onTestFinished } from "vitest";
import { bookingViewSchema } from "../../service/src/contract.ts";
import { book, call, newPhone, pay, toProblem, toView, view } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, pushesTo } from "../factories/paying.ts";
import { attemptsIn, sessionsIn, tally, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { createTestDatabase } from "../servers/databases.ts";
import { deploymentOptions, sharedStack, stackForTest, type Stack } from "../fixtures.ts";

const twoCopies = async (): Promise<Stack> => stackForTest({ ...(await deploymentOptions("MariaDB, Redis")), copies: 2 });

const urls = ({ copies }: Stack): [string, string] => {
  const [one, other] = copies;
  if (!one || !other) throw new Error("there are not two copies");
  return [one.url, other.url];
};

describe("two copies on MariaDB and Redis", () => {
  const shared = sharedStack("MariaDB, Redis", { copies: 2 });

  it("show every step on a stream of one copy while the other pushes", async () => {
    const stack = shared();
    const [one, other] = urls(stack);
    const phone = newPhone();
    const { bookingId } = await book(other);
    const stream = await listen(other, bookingId);
    expect((await pay(one, bookingId, phone)).status).toBe(200);
    await stream.until(({ payment }) => payment?.status === "prompted");
    const receipt = await enterPin(stack, await stack.simulator.control.waitForPrompt(phone));
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    await stream.ended;
    expect(await view(one, bookingId)).toEqual(await view(other, bookingId));
    await expectLedgerIsDatabase(stack);
  });

  it("make one push and one attempt of twenty requests at once for one booking", async () => {
    const stack = shared();
    const both = urls(stack);
    const phone = newPhone();
    const { bookingId } = await book(both[0]);
    const stream = await listen(both[1], bookingId);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => pay(both[index % 2 === 0 ? 0 : 1], bookingId, phone)));
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 1, 409: 19 });
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expect(toProblem(answer)).toMatchObject({ code: "attempt_open", booking: { bookingId, payment_status: "pending" } });
    }
    expect(pushesTo(stack, phone)).toBe(1);
    expect(await attemptsIn(stack, bookingId)).toHaveLength(1);
    await enterPin(stack, await stack.simulator.control.waitForPrompt(phone));
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("push to one of twenty phones that pay one booking at once", async () => {
    const stack = shared();
    const before = stack.simulator.control.prompts.length;
    const both = urls(stack);
    const { bookingId } = await book(both[0]);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => pay(both[index % 2 === 0 ? 0 : 1], bookingId, newPhone())));
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 1, 409: 19 });
    expect(stack.simulator.control.prompts).toHaveLength(before + 1);
    expect(await attemptsIn(stack, bookingId)).toHaveLength(1);
    await expectLedgerIsDatabase(stack);
  });

  it("make one attempt of one Idempotency-Key sent to both at once, and repeat its answer", async () => {
    const stack = shared();
    const both = urls(stack);
    const phone = newPhone();
    const { bookingId } = await book(both[0]);
    const key = { "Idempotency-Key": "one-click" };
    const answers = await Promise.all(both.map((url) => pay(url, bookingId, phone, key)));
    const [first] = answers.filter(({ status }) => status === 200);
    if (!first) throw new Error("nobody was answered 200");
    for (const { status } of answers) expect([200, 409]).toContain(status);
    const again = await until("the same answer", async () => {
      const answer = await pay(both[1], bookingId, phone, key);
      return answer.status === 200 && answer;
    });
    expect(toView(again)).toEqual(toView(first));
    expect(pushesTo(stack, phone)).toBe(1);
    await expectLedgerIsDatabase(stack);
  });

  it("pay and book once when one callback is repeated many times on both", async () => {
    const stack = shared();
    const both = urls(stack);
    const phone = newPhone();
    stack.simulator.control.setFaultsForPhone(phone, { callbackLost: true });
    const { bookingId } = await book(both[0]);
    const stream = await listen(both[1], bookingId);
    await pay(both[0], bookingId, phone);
    const { checkoutRequestId } = await stack.simulator.control.waitForPrompt(phone);
    await enterPin(stack, { checkoutRequestId });
    const lost = await stack.simulator.control.waitForDelivery(checkoutRequestId);
    const path = new URL(lost.url).pathname;
    const copies = Array.from({ length: 30 }, (_, index) => call(both[index % 2 === 0 ? 0 : 1], path, { rawBody: lost.body }));
    for (const { status } of await Promise.all(copies)) expect(status).toBe(200);
    await stream.untilStatus("paid");
    expect((await sessionsIn(stack)).filter(({ pending_session_id }) => pending_session_id === bookingId)).toHaveLength(1);
    await expectLedgerIsDatabase(stack);
  });

  it("share one access token, because Safaricom invalidates the old one with each new one", async () => {
    const stack = await twoCopies();
    const both = urls(stack);
    const { control } = stack.simulator;
    // Waits for ten token requests, so that those of ten pushes can be counted.
    control.nextFaults({ expiresInAsNumber: true }, { times: 10 });
    const bookings = await Promise.all(Array.from({ length: 10 }, () => book(both[0])));
    const answers = await Promise.all(bookings.map(({ bookingId }, index) => pay(both[index % 2 === 0 ? 0 : 1], bookingId, newPhone())));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(10).fill(200));
    expect(control.faults.next.map(({ timesLeft }) => timesLeft)).toEqual([9]);
    await expectLedgerIsDatabase(stack);
  });

  it("pay by a callback to one copy when the other has stopped during the prompt", async () => {
    const stack = await twoCopies();
    const [one, other] = urls(stack);
    const phone = newPhone();
    const { bookingId } = await book(one);
    await pay(one, bookingId, phone);
    const prompt = await stack.simulator.control.waitForPrompt(phone);
    const stream = await listen(other, bookingId);
    await stack.copies[0]?.stop();
    const receipt = await enterPin(stack, prompt);
    // Plays the load balancer: the address is the deployment's, not the copy's.
    const failed = await stack.simulator.control.waitForDelivery(prompt.checkoutRequestId);
    expect(failed.outcome).toBe("no_answer");
    await call(other, new URL(failed.url).pathname, { rawBody: failed.body });
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    const service = stack.copies[1];
    if (!service) throw new Error("no second copy");
    await expectLedgerIsDatabase({ service, simulator: stack.simulator });
  });
});

describe("two copies that share the database but not Redis", () => {
  it("show the outcome on a stream of the other copy within ten seconds without a notification", async () => {
    const { url, drop } = await createTestDatabase(inject("mariadbUrl"));
    onTestFinished(drop);
    const stack = await stackForTest({ databaseUrl: url, copies: 2 });
    const [one, other] = urls(stack);
    const phone = newPhone();
    const { bookingId } = await book(one);
    const stream = await listen(other, bookingId);
    expect((await pay(one, bookingId, phone)).status).toBe(200);
    const receipt = await enterPin(stack, await stack.simulator.control.waitForPrompt(phone));
    const movedAtMs = performance.now();
    await until("paid in the database", async () => (await theAttempt(stack, bookingId)).status === "paid");
    expect(bookingViewSchema.parse((await call(other, `/api/booking/${bookingId}`)).body).payment?.receipt).toBe(receipt);
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    expect(performance.now() - movedAtMs).toBeLessThan(10_000);
    await expectLedgerIsDatabase(stack);
  });
});
