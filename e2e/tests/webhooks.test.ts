import { describe, expect, it } from "vitest";
import type { BookingView } from "../../service/src/contract.ts";
import { book, newPhone, pay, toProblem } from "../factories/calls.ts";
import { lapseNow } from "../factories/lapse.ts";
import { askForRefund, callAsOwner, changeAsOwner, refundEnds } from "../factories/owner.ts";
import { enterPin, newestPrompt, startPaying } from "../factories/paying.ts";
import { databaseOf, historyIn, sessionsIn, theAttempt, attemptsIn } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { typesOf, verify, type Behaviour } from "../factories/webhook-receiver.ts";
import { addEndpoint, deliveriesTo, receiverForTest, webhookEnvironment } from "../factories/webhooks.ts";
import { deploymentOptions, deployments, stackForTest, type Stack } from "../fixtures.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function payFor(stack: Stack, { bookingId }: BookingView): Promise<void> {
  const phone = newPhone();
  await pay(stack.service.url, bookingId, phone);
  await enterPin(stack, await newestPrompt(stack, phone));
}

async function cancelPrompt(stack: Stack, { bookingId }: BookingView): Promise<void> {
  const phone = newPhone();
  await pay(stack.service.url, bookingId, phone);
  const { checkoutRequestId } = await newestPrompt(stack, phone);
  await until("the prompt on the screen", () => stack.simulator.control.prompt(checkoutRequestId)?.state === "open");
  stack.simulator.control.cancel(checkoutRequestId);
  await until("the failure", async () => (await attemptsIn(stack, bookingId)).some(({ status }) => status === "failed"));
}

describe.each(deployments)("webhooks (%s)", (deployment) => {
  it("a payment is told once, signed, in order, with the booking's version", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), environment: webhookEnvironment(receiver) });
    const { url } = stack.service;
    const endpoint = await addEndpoint(url, { url: receiver.url });
    const { booking, prompt } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    await until("two messages", () => receiver.received.length >= 2);
    const [paid, booked] = receiver.received.map((received) => verify(received, endpoint.secret));
    const { id: paymentId } = await theAttempt(stack, booking.bookingId);
    expect(paid).toMatchObject({
      type: "payment.paid",
      data: {
        booking: { bookingId: booking.bookingId, booking_status: "booked", amountDue: 0 },
        payment: { paymentId, receipt, status: "paid" },
      },
    });
    expect(booked).toMatchObject({ type: "booking.booked", data: { payment: { paymentId } } });
    expect(paid?.data.version).toBe(paid?.data.booking.version);
    expect(booked?.data.version).toBe(paid?.data.version);
    expect(JSON.stringify(receiver.received)).not.toContain("Wanjiru");
    await until("both noted", async () => (await deliveriesTo(url, endpoint.id, "?status=delivered")).length === 2);
    expect(receiver.received).toHaveLength(2);
  });

  it("everything arrives in order though the receiver dies, redirects and answers 500", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({
      ...(await deploymentOptions(deployment)),
      copies: deployment === "MariaDB, Redis" ? 2 : 1,
      initiator: true,
      environment: webhookEnvironment(receiver),
    });
    const { url } = stack.service;
    await addEndpoint(url, { url: receiver.url });
    // Each message meets these, one after the other, before it is taken.
    const trouble: Behaviour[] = ["die", { status: 302, headers: { location: receiver.url } }, { status: 500, body: "no" }];
    receiver.behave = ({ id }) => {
      const tries = receiver.received.filter((received) => received.id === id).length;
      return trouble[tries - 1] ?? { status: 204 };
    };
    const bookings = [await book(url), await book(url), await book(url)] as const;
    const [first, second, third] = bookings;
    await cancelPrompt(stack, first);
    await payFor(stack, first);
    await payFor(stack, second);
    await until("both sessions", async () => (await sessionsIn(stack)).length === 2);
    const { id: paymentId } = await theAttempt(stack, second.bookingId);
    await askForRefund(url, paymentId);
    await refundEnds(url, paymentId, "done");
    await callAsOwner(url, `/api/v1/bookings/${third.bookingId}/cancel`, { reason: "her mother called" });
    const written = async () => databaseOf(stack).knex("webhook_messages").orderBy("sequence").select("id", "booking_id", "type");
    const messages: { id: string; booking_id: string; type: string }[] = await written();
    expect(messages).toHaveLength(8);
    await until("all messages", () => {
      stack.clock.advance(MINUTE_MS);
      return receiver.accepted.length >= messages.length;
    });
    expect(typesOf(receiver.accepted, first.bookingId)).toEqual(["payment.failed", "payment.paid", "booking.booked"]);
    expect(typesOf(receiver.accepted, second.bookingId)).toEqual([
      "payment.paid",
      "booking.booked",
      "payment.refunded",
      "booking.cancelled",
    ]);
    expect(typesOf(receiver.accepted, third.bookingId)).toEqual(["booking.cancelled"]);
    for (const { bookingId } of bookings) {
      const ids = messages.filter((message) => message.booking_id === bookingId).map(({ id }) => id);
      expect(receiver.accepted.filter(({ id }) => ids.includes(id)).map(({ id }) => id)).toEqual(ids);
      const told = typesOf(receiver.accepted, bookingId).filter((type) => type.startsWith("payment."));
      const ends = (await historyIn(stack))
        .filter(({ from_status, to_status }) => from_status !== to_status && ["paid", "failed", "refunded"].includes(to_status))
        .filter(({ payment_id }) => messages.some((message) => message.booking_id === bookingId) && payment_id !== "");
      const own = new Set((await attemptsIn(stack, bookingId)).map(({ id }) => id));
      expect(told).toEqual(ends.filter(({ payment_id }) => own.has(payment_id)).map(({ to_status }) => `payment.${to_status}`));
    }
  });

  it("a receiver that hangs holds nobody else up", async () => {
    const [dead, quick] = [await receiverForTest(), await receiverForTest()];
    dead.behave = () => "hang";
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), environment: webhookEnvironment(dead, quick) });
    const { url } = stack.service;
    await addEndpoint(url, { url: dead.url });
    await addEndpoint(url, { url: quick.url });
    for (let index = 0; index < 6; index++) {
      const { bookingId } = await book(url);
      await callAsOwner(url, `/api/v1/bookings/${bookingId}/cancel`, { reason: "full" });
    }
    await until("six messages, long before the other times out", () => quick.accepted.length === 6, 9_000);
    expect(dead.accepted).toEqual([]);
  });
});

describe("a webhook endpoint", () => {
  it("that answers 410 is disabled; enabled again it gets what has waited, in order", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { url } = stack.service;
    const endpoint = await addEndpoint(url, { url: receiver.url });
    const path = `/api/v1/webhook-endpoints/${endpoint.id}`;
    receiver.behave = () => ({ status: 410 });
    const lapsing = await book(url, {});
    await payFor(stack, await book(url));
    await until("the endpoint disabled", async () => {
      const { body } = await callAsOwner(url, path);
      return expect.objectContaining({ status: "disabled", disabledWhy: "gone" }).asymmetricMatch(body);
    });
    const tries = receiver.received.length;
    stack.clock.advance(8 * 24 * HOUR_MS);
    await lapseNow(stack);
    expect((await callAsOwner(url, "/api/v1/attention")).body).toMatchObject({
      data: [
        {
          kind: "webhook",
          what: expect.stringMatching(/410.* messages wait/),
          commands: [`somopay webhooks enable ${endpoint.id}`, `somopay webhooks disable ${endpoint.id}`],
        },
      ],
    });
    expect(receiver.received).toHaveLength(tries);
    receiver.behave = () => ({ status: 200 });
    expect((await changeAsOwner(url, path, { status: "enabled" })).body).toMatchObject({ status: "enabled" });
    await until("all messages", () => receiver.accepted.length === 3);
    expect(typesOf(receiver.accepted, lapsing.bookingId)).toEqual(["booking.lapsed"]);
    expect((await callAsOwner(url, "/api/v1/attention")).body).toEqual({ data: [], next: null });
  });

  it("that fails is listed at once; after the last retry its message waits for a redelivery", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { url } = stack.service;
    const endpoint = await addEndpoint(url, { url: receiver.url });
    receiver.behave = () => ({ status: 500, body: "x".repeat(5_000) });
    const { bookingId } = await book(url);
    await callAsOwner(url, `/api/v1/bookings/${bookingId}/cancel`, { reason: "full" });
    const said = (what: string) => stack.logLines.filter((line) => line.includes(what)).length;
    await until("the first failure", () => said("a webhook failed; retrying") === 1);
    const [delivery] = await until("its try", async () => {
      const found = await deliveriesTo(url, endpoint.id);
      return found[0]?.tries === 1 && found;
    });
    expect(delivery).toMatchObject({ status: "waiting", lastStatus: 500, lastProblem: "answered 500", lastAnswer: "x".repeat(1_024) });
    expect((await callAsOwner(url, "/api/v1/attention")).body).toMatchObject({
      data: [
        {
          kind: "webhook",
          what: expect.stringContaining("answered 500"),
          commands: [`somopay webhooks redeliver ${endpoint.id}`, `somopay webhooks disable ${endpoint.id}`],
        },
      ],
    });
    // Nine retries in three days, then it waits for a redelivery.
    await until("the last try", async () => {
      stack.clock.advance(HOUR_MS);
      return (await deliveriesTo(url, endpoint.id))[0]?.status === "failed";
    });
    expect(receiver.received).toHaveLength(10);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(said("a webhook failed; retrying")).toBe(1);
    const answer = await callAsOwner(url, `/api/v1/webhook-deliveries/${delivery?.id}/redeliver`, {});
    expect(answer).toMatchObject({ status: 202, body: { status: "waiting", tries: 0 } });
    receiver.behave = () => ({ status: 204 });
    await until("its delivery", async () => (await deliveriesTo(url, endpoint.id))[0]?.status === "delivered");
  });

  it("created twice under one key is one, and shows the same secret; its secret is stored nowhere in clear", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { url } = stack.service;
    const once = () => addEndpoint(url, { url: receiver.url, events: ["payment.paid"] }, { "Idempotency-Key": "e-1" });
    const endpoint = await once();
    expect(await once()).toEqual(endpoint);
    const { knex } = databaseOf(stack);
    const rows: unknown[] = [...(await knex("webhook_endpoints")), ...(await knex("idempotency_keys"))];
    expect(rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toContain(endpoint.secret.slice("whsec_".length));
    await payFor(stack, await book(url));
    await until("the message", () => receiver.accepted.length === 1);
    expect(verify(receiver.accepted[0]!, endpoint.secret)).toMatchObject({ type: "payment.paid" });
    expect(await deliveriesTo(url, endpoint.id)).toHaveLength(1);
  });

  it("signs with both secrets for a day after a rotation", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { url } = stack.service;
    const { id, secret: first } = await addEndpoint(url, { url: receiver.url });
    const path = `/api/v1/webhook-endpoints/${id}`;
    const rotate = () => callAsOwner(url, `${path}/rotate-secret`, {}, { "Idempotency-Key": "r-1" });
    const answer = await rotate();
    const { secret: second } = answer.body as { secret: string };
    expect(second).not.toBe(first);
    expect((await rotate()).body).toEqual(answer.body);
    const sent = async () => {
      const count = receiver.received.length;
      expect((await callAsOwner(url, `${path}/test`, {})).status).toBe(202);
      return until("the test message", () => receiver.received[count]);
    };
    const message = await sent();
    const { Webhook } = await import("standardwebhooks");
    for (const secret of [first, second])
      expect(new Webhook(secret).verify(message.body, message.headers)).toMatchObject({ type: "webhook.test", data: { endpointId: id } });
    stack.clock.advance(25 * HOUR_MS);
    expect((await sent()).headers["webhook-signature"]?.split(" ")).toHaveLength(1);
  });

  it("gets the messages of a time again, and those from before it", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { url } = stack.service;
    const old = await addEndpoint(url, { url: `${receiver.url}/old` });
    const booking = await book(url);
    await payFor(stack, booking);
    await until("both messages", () => receiver.accepted.length === 2);
    const { id } = await addEndpoint(url, { url: receiver.url });
    await until("both noted", async () => (await deliveriesTo(url, old.id, "?status=delivered")).length === 2);
    receiver.received.length = 0;
    receiver.accepted.length = 0;
    const again = (endpointId: string, body: object) => callAsOwner(url, `/api/v1/webhook-endpoints/${endpointId}/redeliver`, body);
    expect((await again(old.id, { since: 0 })).body).toEqual({ redelivered: 0 });
    expect((await again(id, { since: 0 })).body).toEqual({ redelivered: 2 });
    await until("both again", () => receiver.accepted.length === 2);
    expect(typesOf(receiver.accepted, booking.bookingId)).toEqual(["payment.paid", "booking.booked"]);
    expect((await again(old.id, { since: 0, until: 1, which: "all" })).body).toEqual({ redelivered: 0 });
    expect((await again(old.id, { since: 0, which: "all" })).body).toEqual({ redelivered: 2 });
    await until("and again", () => receiver.received.length === 4);
  });

  it("is refused where webhooks must not go, and without a secrets key", async () => {
    const stack = await stackForTest({ environment: webhookEnvironment() });
    const add = (url: string) => callAsOwner(stack.service.url, "/api/v1/webhook-endpoints", { url });
    for (const url of ["http://www.example.com/", "https://127.0.0.1/", "https://user:word@www.example.com/", "https://localhost:4000/"])
      expect(toProblem(await add(url))).toMatchObject({ status: 400, code: "invalid_request", errors: [{ field: "url" }] });
    for (let index = 0; index < 10; index++) expect((await add(`https://www.example.com/${index}`)).status).toBe(201);
    expect(toProblem(await add("https://www.example.com/"))).toMatchObject({ code: "webhook_endpoints_full" });
    const plain = await stackForTest();
    const answer = await callAsOwner(plain.service.url, "/api/v1/webhook-endpoints", { url: "https://www.example.com/" });
    expect(toProblem(answer)).toMatchObject({ status: 409, code: "webhooks_not_set_up" });
  });
});
