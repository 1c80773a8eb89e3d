/** The package for owners' servers, against the real service. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, test } from "vitest";
import { createApiKeyStore } from "../../service/src/sites/api-key-store.ts";
import { createIds } from "../../service/src/platform/ids.ts";
import { ApiError, createClient, verifyWebhook, type Client, type ClientOptions } from "../../service/client/src/index.ts";
import { bookingWish, newPhone, pay } from "../factories/calls.ts";
import { folderForTest } from "../factories/command.ts";
import { refundEnds } from "../factories/owner.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { enterPin, newestPrompt } from "../factories/paying.ts";
import { bookingsIn, callbacksIn } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { receiverForTest, webhookEnvironment } from "../factories/webhooks.ts";
import { deploymentOptions, deployments, SECRET_KEY, siteFile, stackForTest, type Stack } from "../fixtures.ts";

const clientOf = ({ service }: Stack, options: Partial<ClientOptions> = {}): Client =>
  createClient({ url: service.url, secretKey: SECRET_KEY, ...options });

const ownPrice = { ...bookingWish, sessionType: undefined, amount: 1_200, description: "Maths, with a discount" };
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "no error",
    (error: unknown) => (error instanceof ApiError ? error.code : error),
  );

async function collect<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}

describe.each(deployments)("the client package (%s)", (deployment) => {
  it("books at a price of the server's, sees the payment, refunds it, and sees that too", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), initiator: true });
    const client = clientOf(stack);
    const booking = await client.bookings.create(ownPrice);
    expect(booking).toMatchObject({
      amount: 1_200,
      booking_status: "pending",
      session: { sessionType: null, name: "Maths, with a discount" },
    });
    const phone = newPhone();
    await pay(stack.service.url, booking.bookingId, phone);
    const receipt = await enterPin(stack, await newestPrompt(stack, phone));
    const paid = await until("the booking to be paid", async () => {
      const found = await client.bookings.get(booking.bookingId);
      return found.payment_status === "paid" && found;
    });
    expect(paid).toMatchObject({
      parentName: bookingWish.parentName,
      email: bookingWish.email,
      booking_status: "booked",
      payment: { receipt },
    });
    const [payment, ...others] = await collect(client.payments.list({ phoneEnding: phone.slice(-4) }));
    if (!payment) throw new Error("the payment is not listed");
    expect([payment.receipt, others]).toEqual([receipt, []]);
    const refund = await client.payments.refund(payment.paymentId, { remarks: "Tutor ill" });
    await refundEnds(stack.service.url, payment.paymentId, "done");
    expect(await collect(client.payments.refunds(payment.paymentId))).toMatchObject([{ refundId: refund.refundId, status: "done" }]);
    expect(await client.payments.get(payment.paymentId)).toMatchObject({ status: "refunded", refunds: [{ status: "done" }] });
    expect(await codeOf(client.payments.refund(payment.paymentId))).toBe("not_refundable");
    expect(await collect(client.bookings.list({ receipt: receipt.toLowerCase() }))).toMatchObject([{ booking_status: "cancelled" }]);
  });

  it("answers a parent: finds the payment, and tells what happened to it", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), initiator: true });
    const client = clientOf(stack);
    const { bookingId, reference } = await client.bookings.create(bookingWish);
    const phone = newPhone();
    await pay(stack.service.url, bookingId, phone);
    const receipt = await enterPin(stack, await newestPrompt(stack, phone));
    await until("the booking to be paid", async () => (await client.bookings.get(bookingId)).payment_status === "paid");
    const sms = `${receipt} Confirmed. Ksh1,500.00 sent to AMANI TUTORS for account ${reference}.`;
    expect(await client.search(sms)).toMatchObject({ kind: "sms", data: [{ bookingId, receipts: [receipt] }], unassigned: [] });
    const timeline = await client.bookings.timeline(bookingId);
    expect(timeline.data.map(({ text }) => text)).toContain("The session was booked.");
    const { paymentId = "" } = timeline.actions[0] ?? {};
    expect((await client.payments.timeline(paymentId)).actions.map(({ action }) => action)).toContain("refund");
    expect(await client.overview()).toMatchObject({ today: { received: 1_500, payments: 1 }, attention: 0 });
    const { date } = bookingWish;
    expect(await client.bookings.calendar({ from: date, to: date })).toMatchObject({ data: [{ bookingId }], next: null });
    expect(await client.site()).toMatchObject({ name: siteFile.name });
    expect(await codeOf(client.bookings.resendReceipt(bookingId))).toBe("mail_not_set_up");
  });

  it("lists every booking once, a page at a time", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const client = clientOf(stack);
    const made: string[] = [];
    for (let index = 0; index < 7; index++) made.unshift((await client.bookings.create(bookingWish)).bookingId);
    const list = client.bookings.list({ limit: 3 });
    const ids = (await collect(list)).map(({ bookingId }) => bookingId);
    expect(ids.toSorted()).toEqual(made.toSorted());
    const first = await list.page();
    expect(first.data).toHaveLength(3);
    expect((await list.page(first.next ?? "")).data.map(({ bookingId }) => bookingId)).toEqual(ids.slice(3, 6));
    expect(await codeOf(client.bookings.list({ limit: 3 }).page("nonsense"))).toBe("invalid_request");
  });

  it("does a write once, also if its answer is lost", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    let calls = 0;
    const losing: typeof fetch = async (...args) => {
      const response = await fetch(...args);
      calls += 1;
      if (calls === 1) throw new TypeError("the connection was lost");
      return response;
    };
    const booking = await clientOf(stack, { fetch: losing }).bookings.create(bookingWish);
    expect(calls).toBe(2);
    expect((await bookingsIn(stack)).map(({ id }) => id)).toEqual([booking.bookingId]);
    const options = { idempotencyKey: "order-17" };
    const client = clientOf(stack);
    const [one, two] = await Promise.all([client.bookings.create(bookingWish, options), client.bookings.create(bookingWish, options)]);
    expect(one.bookingId).toBe(two.bookingId);
    expect(await codeOf(client.bookings.create(ownPrice, options))).toBe("idempotency_conflict");
  });

  it("moves and cancels, once for each key", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const client = clientOf(stack);
    const { bookingId } = await client.bookings.create(bookingWish);
    const to = { date: "2036-12-10", time: "11:00", reason: "The tutor is ill", actor: "Grace" };
    expect(await client.bookings.move(bookingId, to)).toMatchObject({ session: { date: "2036-12-10", time: "11:00" } });
    const why = { reason: "The family moved" };
    const first = await client.bookings.cancel(bookingId, why, { idempotencyKey: "cancel-1" });
    expect(first.booking_status).toBe("cancelled");
    expect(await client.bookings.cancel(bookingId, why, { idempotencyKey: "cancel-1" })).toEqual(first);
    expect(await codeOf(client.bookings.cancel(bookingId, why))).toBe("booking_cancelled");
    // As if the first caller had died after its commit, before it could store its answer.
    await stack.service.service.database
      .knex("idempotency_keys")
      .where({ idempotency_key: "cancel-1" })
      .update({ response_status: null, response_body: null, locked_until: 0 });
    expect(await client.bookings.cancel(bookingId, why, { idempotencyKey: "cancel-1" })).toEqual(first);
  });
});

describe("the client package", () => {
  it("works on money without a booking and on what waits for a decision", async () => {
    const stack = await stackForTest();
    const client = clientOf(stack);
    await registerPaybill(stack);
    const receipts: string[] = [];
    for (let count = 0; count < 3; count++)
      receipts.push(receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: `LESSON${count}`, amountKes: 1_500 })));
    await until("the money to be listed", async () => (await collect(client.unassignedMoney.list({ limit: 2 }))).length === 3);
    const waiting = await collect(client.attention.list({ limit: 1 }));
    expect(new Set(waiting.map(({ receipt }) => receipt))).toEqual(new Set(receipts));
    expect(await collect(client.attention.list({ kind: "refund" }))).toEqual([]);
    const [one = "", two = ""] = receipts;
    const { reference } = await client.bookings.create(bookingWish);
    const assigned = await client.unassignedMoney.assign(one, { reference, reason: "The mother called" });
    expect(assigned).toMatchObject({ assignment: "booked", booking: { booking_status: "booked" } });
    expect(await client.unassignedMoney.keep(two, { reason: "For uniforms" })).toMatchObject({ receipt: two });
    expect(await collect(client.unassignedMoney.list())).toHaveLength(1);
    const [callback] = await callbacksIn(stack);
    await client.callbacks.replay(callback?.id ?? "");
    expect(await codeOf(client.callbacks.replay("cb_nobody"))).toBe("callback_not_found");
  });

  it("changes the price list, which pages see at once and old bookings do not", async () => {
    const stack = await stackForTest();
    const client = clientOf(stack);
    const old = await client.bookings.create(bookingWish);
    await client.sessionTypes.put("maths-1h", { name: "Maths, one hour", amount: 1_800, durationMinutes: 60 });
    await client.sessionTypes.put("art-2h", { name: "Art", amount: 2_500, durationMinutes: 120 });
    expect(await collect(client.sessionTypes.list({ limit: 2 }))).toMatchObject([
      { code: "maths-1h", amount: 1_800 },
      { code: "reading-30m" },
      { code: "art-2h", amount: 2_500 },
    ]);
    expect((await client.bookings.create({ ...bookingWish, sessionType: "art-2h" })).amount).toBe(2_500);
    expect((await client.bookings.get(old.bookingId)).amount).toBe(1_500);
    await client.sessionTypes.remove("art-2h");
    expect(await codeOf(client.sessionTypes.remove("art-2h"))).toBe("session_type_not_found");
    expect(await codeOf(client.bookings.create({ ...bookingWish, sessionType: "art-2h" }))).toBe("session_type_unknown");
    expect(await codeOf(client.sessionTypes.put("art 2h", { name: "Art", amount: 1, durationMinutes: 1 }))).toBe("invalid_request");
  });

  it("reads with a key that may only read, and a replaced key ends", async () => {
    const stack = await stackForTest();
    const { database, siteStore } = stack.service.service;
    const [site] = (await siteStore.all()).sites;
    const keys = createApiKeyStore({ database, ids: createIds(Date.now), now: stack.clock.now });
    const reading = await keys.add({ siteId: site?.id ?? "", name: "reports", access: "read" });
    const reader = clientOf(stack, { secretKey: reading.secret });
    expect(await collect(reader.bookings.list())).toEqual([]);
    expect(await codeOf(reader.bookings.create(bookingWish))).toBe("key_read_only");
    const rotated = await keys.rotate(reading.key.id, 60_000);
    if (!rotated) throw new Error("the key was not rotated");
    const successor = clientOf(stack, { secretKey: rotated.secret });
    stack.clock.advance(59_000);
    expect(await collect(reader.bookings.list())).toEqual([]);
    expect(await collect(successor.bookings.list())).toEqual([]);
    stack.clock.advance(1_000);
    expect(await codeOf(reader.bookings.list().page())).toBe("site_key_unknown");
    expect(await collect(successor.bookings.list())).toEqual([]);
    await stack.service.stop();
    const used = await stack
      .startCopy()
      .then(async (copy) =>
        createApiKeyStore({ database: copy.service.database, ids: createIds(Date.now), now: Date.now }).ofSite(site?.id ?? ""),
      );
    expect(used.filter(({ name }) => name === "reports").map(({ lastUsedAtMs }) => lastUsedAtMs !== null)).toEqual([true, true]);
  });

  it("registers a webhook endpoint, tries it, changes it, and finds what was sent", async () => {
    const receiver = await receiverForTest();
    const stack = await stackForTest({ environment: webhookEnvironment(receiver) });
    const { webhookEndpoints, webhookDeliveries } = clientOf(stack);
    const options = { idempotencyKey: "endpoint-1" };
    const { secret, ...endpoint } = await webhookEndpoints.create({ url: receiver.url }, options);
    expect(secret).toMatch(/^whsec_/);
    expect(await webhookEndpoints.create({ url: receiver.url }, options)).toMatchObject({ id: endpoint.id, secret });
    expect(await webhookEndpoints.list()).toEqual([endpoint]);
    const rotated = await webhookEndpoints.rotateSecret(endpoint.id);
    expect(rotated.secret).not.toBe(secret);
    const test = await webhookEndpoints.test(endpoint.id);
    const delivered = await until("the test to arrive", async () => {
      const found = await webhookDeliveries.get(test.id);
      return found.status === "delivered" && found;
    });
    expect(delivered).toMatchObject({ payload: test.payload });
    const event = verifyWebhook(receiver.received[0]?.body ?? "", receiver.received[0]?.headers ?? {}, rotated.secret);
    expect(event).toMatchObject({ type: "webhook.test", data: { endpointId: endpoint.id } });
    const sent = { id: test.id, status: "delivered", type: "webhook.test" };
    expect(await collect(webhookEndpoints.deliveries(endpoint.id, { status: "delivered" }))).toMatchObject([sent]);
    expect(await collect(webhookDeliveries.list({ limit: 1 }))).toMatchObject([sent]);
    const disabled = await webhookEndpoints.change(endpoint.id, { status: "disabled", events: ["booking.booked"] });
    expect(disabled).toMatchObject({ status: "disabled", disabledWhy: "owner", events: ["booking.booked"] });
    expect(await webhookEndpoints.get(endpoint.id)).toEqual(disabled);
    expect(await webhookDeliveries.redeliver(test.id)).toMatchObject({ status: "waiting", tries: 0 });
    expect(await webhookEndpoints.redeliver(endpoint.id, { since: 0, which: "all" })).toEqual({ redelivered: 1 });
    await webhookEndpoints.remove(endpoint.id, { idempotencyKey: "remove-1" });
    await webhookEndpoints.remove(endpoint.id, { idempotencyKey: "remove-1" });
    expect(await codeOf(webhookEndpoints.get(endpoint.id))).toBe("webhook_endpoint_not_found");
    expect(await codeOf(webhookEndpoints.remove(endpoint.id))).toBe("webhook_endpoint_not_found");
  });

  it("waits when it has called too often, and says how many calls are left", async () => {
    const stack = await stackForTest({ environment: { LIMIT_API: "2/5" } });
    const seen: (string | null)[] = [];
    const counting: typeof fetch = async (...args) => {
      const response = await fetch(...args);
      seen.push(`${response.status} ${response.headers.get("RateLimit")?.split(";t=")[0]} ${response.headers.get("RateLimit-Policy")}`);
      return response;
    };
    const client = clientOf(stack, { fetch: counting });
    for (let count = 0; count < 3; count++) await client.bookings.list().page();
    expect(seen.slice(0, 3)).toEqual(['200 "site";r=1 "site";q=2;w=5', '200 "site";r=0 "site";q=2;w=5', '429 "site";r=0 "site";q=2;w=5']);
    expect(seen.at(-1)).toMatch(/^200 /);
  });
});

/** As `npm install` puts it into an owner's project. */
describe("the built package", () => {
  const clientFolder = join(import.meta.dirname, "../../service/client");
  const use = `
const main = async () => {
  const client = createClient({ url: process.env.URL, secretKey: process.env.KEY });
  const { bookingId } = await client.bookings.create(JSON.parse(process.env.WISH));
  const ids = [];
  for await (const booking of client.bookings.list()) ids.push(booking.bookingId);
  let code = null;
  try { await client.bookings.get("bk_nobody"); } catch (error) { code = error instanceof ApiError ? error.code : String(error); }
  let refused = null;
  try { verifyWebhook("{}", { "webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,x" }, "whsec_bm90IGEgcmVhbCBzZWNyZXQ="); } catch (error) { refused = error.name; }
  console.log(JSON.stringify({ isListed: ids.includes(bookingId), code, refused }));
};
main();`;

  test.each([
    ["ESM", "use.mjs", `import { ApiError, createClient, verifyWebhook } from "@somopay/client";${use}`],
    ["CommonJS", "use.cjs", `const { ApiError, createClient, verifyWebhook } = require("@somopay/client");${use}`],
  ])("works in %s", async (_format, name, code) => {
    const stack = await stackForTest();
    execFileSync(process.execPath, ["scripts/build.ts"], { cwd: clientFolder, stdio: "pipe" });
    const folder = folderForTest();
    mkdirSync(join(folder, "node_modules/@somopay"), { recursive: true });
    symlinkSync(clientFolder, join(folder, "node_modules/@somopay/client"), "junction");
    writeFileSync(join(folder, name), code);
    const env = { ...process.env, URL: stack.service.url, KEY: SECRET_KEY, WISH: JSON.stringify(bookingWish) };
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, name)], { env });
    expect(JSON.parse(stdout)).toEqual({ isListed: true, code: "booking_not_found", refused: "WebhookError" });
  });
});
