import { describe, expect, it } from "vitest";
import { hashRequest } from "../../service/src/platform/idempotency.ts";
import { book, bookingWish, call, newPhone, pay, toView, view, type Answer } from "../factories/calls.ts";
import { newestPrompt, pushesTo } from "../factories/paying.ts";
import { expectProblem } from "../factories/problems.ts";
import { attemptsIn, bookingsIn, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, sharedStack, stackForTest, type Stack } from "../fixtures.ts";

let count = 0;
const newKey = () => ({ "Idempotency-Key": `key-${process.pid}-${++count}` });

const bodyOf = ({ status, body }: Answer) => ({ status, body });

describe.each(deployments)("a repeated request (%s)", (deployment) => {
  const stack = sharedStack(deployment);
  const payment = async () => ({ booking: await book(stack().service.url), phone: newPhone(), key: newKey() });

  it("with the same key and body gets the same answer, and one push is sent", async () => {
    const { booking, phone, key } = await payment();
    const first = await pay(stack().service.url, booking.bookingId, phone, key);
    expect(first.status).toBe(200);
    expect(bodyOf(await pay(stack().service.url, booking.bookingId, phone, key))).toEqual(bodyOf(first));
    // The same phone in another form is the same request.
    expect(bodyOf(await pay(stack().service.url, booking.bookingId, ` 0${phone.slice(3)}`, key))).toEqual(bodyOf(first));
    expect(pushesTo(stack(), phone)).toBe(1);
    expect(await attemptsIn(stack(), booking.bookingId)).toHaveLength(1);
  });

  it("after the payment still gets the first answer; the booking has the present status", async () => {
    const { booking, phone, key } = await payment();
    const first = await pay(stack().service.url, booking.bookingId, phone, key);
    stack().simulator.control.pay((await stack().simulator.control.waitForPrompt(phone)).checkoutRequestId);
    await until("the payment", async () => (await view(stack().service.url, booking.bookingId)).payment_status === "paid");
    expect(bodyOf(await pay(stack().service.url, booking.bookingId, phone, key))).toEqual(bodyOf(first));
    expectProblem(await pay(stack().service.url, booking.bookingId, phone, newKey()), "already_paid");
  });

  it("with another body under the same key is refused", async () => {
    const { booking, phone, key } = await payment();
    await pay(stack().service.url, booking.bookingId, phone, key);
    expectProblem(await pay(stack().service.url, booking.bookingId, newPhone(), key), "idempotency_conflict");
    const withAmount = await call(stack().service.url, "/api/pay/mpesa", {
      body: { bookingId: booking.bookingId, phone, amount: 1_500 },
      headers: key,
    });
    expectProblem(withAmount, "idempotency_conflict");
    expect(pushesTo(stack(), phone)).toBe(1);
  });

  it("with one key for two bookings counts as two requests", async () => {
    const { booking, phone, key } = await payment();
    const other = await book(stack().service.url);
    expect((await pay(stack().service.url, booking.bookingId, phone, key)).status).toBe(200);
    const second = await pay(stack().service.url, other.bookingId, newPhone(), key);
    expect(toView(second).bookingId).toBe(other.bookingId);
  });

  it("of a push that Safaricom refused gets the same refusal, and sends nothing", async () => {
    const { booking, phone, key } = await payment();
    stack().simulator.control.setFaultsForPhone(phone, { pushAnswer: "system_busy" });
    const first = await pay(stack().service.url, booking.bookingId, phone, key);
    expect(expectProblem(first, "payment_unavailable")).toMatchObject({ reason: "busy", booking: { payment_status: "failed" } });
    stack().simulator.control.clearFaultsForPhone(phone);
    const again = await pay(stack().service.url, booking.bookingId, phone, key);
    expect(bodyOf(again)).toEqual(bodyOf(first));
    expect(again.headers["retry-after"]).toBe(first.headers["retry-after"]);
    expect(again.headers["content-type"]).toBe(first.headers["content-type"]);
    expect(pushesTo(stack(), phone)).toBe(0);
    // A new key is a new attempt, once Safaricom would take one.
    expectProblem(await pay(stack().service.url, booking.bookingId, phone, newKey()), "prompt_too_soon");
    stack().clock.advance(60_000);
    expect((await pay(stack().service.url, booking.bookingId, phone, newKey())).status).toBe(200);
  });

  it("of a push that Safaricom refused with a code of the greatest length gets the same refusal", async () => {
    const { booking, phone, key } = await payment();
    stack().simulator.control.nextFaults({ pushAnswer: "no_product" }, { phone });
    const first = await pay(stack().service.url, booking.bookingId, phone, key);
    expect(expectProblem(first, "payment_refused").reason).toBe("misconfigured");
    expect(bodyOf(await pay(stack().service.url, booking.bookingId, phone, key))).toEqual(bodyOf(first));
    expect((await theAttempt(stack(), booking.bookingId)).resultCode).toMatch(/^keymanagement\.service\./);
  });

  it("after a refusal by the service is a new request: nothing was begun under the key", async () => {
    const { booking, phone, key } = await payment();
    const other = await pay(stack().service.url, booking.bookingId, newPhone());
    expectProblem(await pay(stack().service.url, booking.bookingId, phone, key), "attempt_open");
    const otherPhone = stack().simulator.control.prompts.at(-1);
    expect(other.status).toBe(200);
    stack().simulator.control.cancel(otherPhone?.checkoutRequestId ?? "");
    await until("the cancellation", async () => (await view(stack().service.url, booking.bookingId)).payment_status === "failed");
    expect((await pay(stack().service.url, booking.bookingId, phone, key)).status).toBe(200);
  });

  it("sent many times at once with one key is one push; the others get idempotency_in_progress", async () => {
    const { booking, phone, key } = await payment();
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(stack().service.url, booking.bookingId, phone, key)));
    expect(pushesTo(stack(), phone)).toBe(1);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectProblem(answer, "idempotency_in_progress");
  });

  it("sent many times at once without a key is one push too", async () => {
    const { booking, phone } = await payment();
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(stack().service.url, booking.bookingId, phone)));
    expect(pushesTo(stack(), phone)).toBe(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(expectProblem(answer, "attempt_open").booking).toMatchObject({ bookingId: booking.bookingId, payment_status: "pending" });
    }
  });

  it("to book makes one booking, and returns its present state", async () => {
    const key = newKey();
    const wish = { ...bookingWish, parentName: `Wanjiru ${key["Idempotency-Key"]}` };
    const send = (body: object) => call(stack().service.url, "/api/bookings", { body, headers: key });
    const first = await send(wish);
    expect(first.status).toBe(201);
    expect(bodyOf(await send(Object.fromEntries(Object.entries(wish).toReversed())))).toEqual(bodyOf(first));
    expectProblem(await send({ ...wish, date: "2036-12-10" }), "idempotency_conflict");
    expect((await bookingsIn(stack())).filter(({ parentName }) => parentName === wish.parentName)).toHaveLength(1);
  });

  it("to book, sent many times at once, makes one booking", async () => {
    const key = newKey();
    const wish = { ...bookingWish, parentName: `Otieno ${key["Idempotency-Key"]}` };
    await Promise.all(Array.from({ length: 10 }, () => call(stack().service.url, "/api/bookings", { body: wish, headers: key })));
    expect((await bookingsIn(stack())).filter(({ parentName }) => parentName === wish.parentName)).toHaveLength(1);
  });
});

describe.each(deployments)("while the first request is under way (%s)", (deployment) => {
  /** Safaricom accepts the push and answers only when the phone has. The first caller waits for that long. */
  const heldUp = async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const booking = await book(stack.service.url);
    const [phone, key] = [newPhone(), newKey()];
    stack.simulator.control.nextFaults({ callbackBeforeReply: true }, { phone });
    const first = pay(stack.service.url, booking.bookingId, phone, key);
    const prompt = await newestPrompt(stack, phone);
    const again = () => pay(stack.service.url, booking.bookingId, phone, key);
    const enterPin = async () => {
      await until("the prompt on the screen", () => stack.simulator.control.prompt(prompt.checkoutRequestId)?.state === "open");
      stack.simulator.control.pay(prompt.checkoutRequestId);
    };
    return { stack, booking, phone, first, again, enterPin };
  };

  it("a repetition is refused with Retry-After: 1, and later gets the answer", async () => {
    const { stack, phone, first, again, enterPin } = await heldUp();
    const early = await again();
    expectProblem(early, "idempotency_in_progress");
    expect(early.headers["retry-after"]).toBe("1");
    await enterPin();
    const answer = await first;
    expect(answer.status).toBe(200);
    expect(bodyOf(await again())).toEqual(bodyOf(answer));
    expect(pushesTo(stack, phone)).toBe(1);
  });

  it("a repetition takes over after ten seconds, waits for the callback, and sends no push", async () => {
    const { stack, booking, phone, first, again, enterPin } = await heldUp();
    stack.clock.advance(10_000);
    const carriedOn = await again();
    expect(carriedOn.status).toBe(202);
    expect(toView(carriedOn)).toMatchObject({ payment_status: "pending", payment: { status: "confirming" } });
    expect(bodyOf(await again())).toEqual(bodyOf(carriedOn));
    await enterPin();
    expect((await first).status).toBeLessThan(300);
    await until("the payment", async () => (await view(stack.service.url, booking.bookingId)).payment_status === "paid");
    expect(pushesTo(stack, phone)).toBe(1);
    expect(await theAttempt(stack, booking.bookingId)).toMatchObject({ status: "paid", surplusKes: 0 });
  });
});

describe.each(deployments)("after the process that held the key has died (%s)", (deployment) => {
  /** The rows of a process that was killed after it had claimed the key. */
  const leftLocked = async (
    { service, clock }: Stack,
    bookingId: string,
    phone: string,
    key: string,
    resourceId: string | null,
  ): Promise<void> => {
    await service.service.database.knex("idempotency_keys").insert({
      scope: `pay:${bookingId}`,
      idempotency_key: key,
      request_hash: hashRequest({ phone, amount: undefined }),
      resource_id: resourceId,
      locked_until: clock.now() + 10_000,
      created_at: clock.now(),
    });
  };

  it("the next caller starts the payment if nothing was committed", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const { bookingId } = await book(stack.service.url);
    const [phone, key] = [newPhone(), newKey()];
    await leftLocked(stack, bookingId, phone, key["Idempotency-Key"], null);
    expectProblem(await pay(stack.service.url, bookingId, phone, key), "idempotency_in_progress");
    stack.clock.advance(10_000);
    expect((await pay(stack.service.url, bookingId, phone, key)).status).toBe(200);
    expect(pushesTo(stack, phone)).toBe(1);
  });

  it("the next caller gets the present status if the attempt is settled", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const { bookingId } = await book(stack.service.url);
    const [phone, key] = [newPhone(), newKey()];
    await pay(stack.service.url, bookingId, phone);
    const { id } = await theAttempt(stack, bookingId);
    await leftLocked(stack, bookingId, phone, key["Idempotency-Key"], id);
    stack.clock.advance(10_000);
    const answer = await pay(stack.service.url, bookingId, phone, key);
    expect(answer.status).toBe(200);
    expect(toView(answer)).toMatchObject({ payment: { status: "prompted" } });
    expect(pushesTo(stack, phone)).toBe(1);
  });
});
