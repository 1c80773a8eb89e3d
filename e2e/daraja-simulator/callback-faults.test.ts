import { expect, test } from "vitest";
import { z } from "zod";
import type { FaultsPatch } from "./faults.ts";
import { PHONE, scene, type Received } from "./testing.ts";

const schema = z.object({
  Body: z.object({
    stkCallback: z.object({
      CheckoutRequestID: z.string(),
      ResultCode: z.union([z.number(), z.string()]),
      CallbackMetadata: z.object({ Item: z.array(z.object({ Name: z.string(), Value: z.unknown().optional() })) }).optional(),
    }),
  }),
});
const read = (received: Received | undefined) => schema.parse(received?.body).Body.stkCallback;
const items = (received: Received | undefined) =>
  Object.fromEntries((read(received).CallbackMetadata?.Item ?? []).map(({ Name, Value }) => [Name, Value]));

async function paid(faults: FaultsPatch = {}) {
  const all = await scene({ faults, phoneDefaults: { rule: { action: "pay" } } });
  const id = await all.caller.pushed(all.shop.callbackUrl);
  await all.control.waitForIdle();
  return { ...all, id };
}

test("lost: the money moved, nothing arrives, the log says so", async () => {
  const { control, shop, id } = await paid({ callbackLost: true });
  expect(control.ledger).toHaveLength(1);
  expect(shop.received).toEqual([]);
  expect(control.deliveriesOf(id)).toMatchObject([{ outcome: "lost" }]);
});

test("late: after the outcome, by its delay", async () => {
  const { control, id } = await paid({ callbackLateMs: 40 });
  const outcome = control.prompt(id)?.outcome;
  expect((control.deliveriesOf(id)[0]?.startedAt ?? 0) - (outcome?.at ?? 0)).toBeGreaterThanOrEqual(39);
});

test("duplicated: the same body n times", async () => {
  const { shop, control, id } = await paid({ callbackCopies: 4, callbackCopyGapMs: 2 });
  expect(shop.received).toHaveLength(4);
  expect(new Set(shop.received.map(({ text }) => text)).size).toBe(1);
  expect(control.deliveriesOf(id)).toHaveLength(4);
  expect(control.ledger).toHaveLength(1);
});

test("before the reply: the callback is delivered first", async () => {
  const { control, shop, caller } = await scene({ faults: { callbackBeforeReply: true }, phoneDefaults: { rule: { action: "pay" } } });
  const id = await caller.pushed(shop.callbackUrl);
  expect(shop.received).toHaveLength(1);
  expect(control.deliveriesOf(id)).toMatchObject([{ status: 200 }]);
});

test("before the reply, but nobody answers the prompt: the reply comes after holdReplyMs", async () => {
  const { shop, caller } = await scene({ faults: { callbackBeforeReply: true }, timings: { holdReplyMs: 20 } });
  expect((await caller.push(shop.callbackUrl)).status).toBe(200);
  expect(shop.received).toEqual([]);
});

test("a 500 is not tried again; only on the switch", async () => {
  const { control, shop, caller } = await scene({ phoneDefaults: { rule: { action: "pay" } } });
  shop.answers.set("/callback", { status: 500, body: {} });
  const first = await caller.pushed(shop.callbackUrl);
  await control.waitForIdle();
  expect(control.deliveriesOf(first)).toMatchObject([{ outcome: "answered", status: 500 }]);
  control.nextFaults({ callbackRedeliveries: 2 });
  const second = await caller.pushed(shop.callbackUrl);
  await control.waitForIdle();
  expect(control.deliveriesOf(second).map(({ status }) => status)).toEqual([500, 500, 500]);
});

test("a site that cannot be reached is logged and not tried again", async () => {
  const { control, caller } = await scene({ phoneDefaults: { rule: { action: "pay" } } });
  const id = await caller.pushed("http://127.0.0.1:9/callback");
  expect(await control.waitForDelivery(id)).toMatchObject({ outcome: "no_answer" });
  await control.waitForIdle();
  expect(control.deliveriesOf(id)).toHaveLength(1);
});

test("the usual items: an amount, a receipt, a Balance without Value, numbers for date and phone", async () => {
  const { control, shop } = await paid();
  expect(items(shop.received[0])).toEqual({
    Amount: 1500,
    MpesaReceiptNumber: control.ledger[0]?.receipt,
    Balance: undefined,
    TransactionDate: expect.any(Number),
    PhoneNumber: Number(PHONE),
  });
  expect(shop.received[0]?.text).toContain('"Value":1500.00');
});

test("a wrong amount is in the callback only, not in the ledger", async () => {
  const { control, shop } = await paid({ callbackAmountOffKes: -500 });
  expect(items(shop.received[0])["Amount"]).toBe(1000);
  expect(control.ledger[0]?.amountKes).toBe(1500);
});

test.each([
  [
    { callbackItems: "four" },
    { Amount: 1500, MpesaReceiptNumber: expect.any(String), TransactionDate: expect.any(Number), PhoneNumber: expect.any(Number) },
  ],
  [{ callbackBalance: "number" }, expect.objectContaining({ Balance: 98_500 })],
  [{ callbackBalance: "string" }, expect.objectContaining({ Balance: "98500.00" })],
  [{ callbackPhone: "masked" }, expect.objectContaining({ PhoneNumber: "254708***149" })],
  [{ callbackPhone: "string" }, expect.objectContaining({ PhoneNumber: PHONE })],
  [{ callbackPhone: "absent" }, expect.not.objectContaining({ PhoneNumber: expect.anything() })],
  [{ callbackAmount: "string" }, expect.objectContaining({ Amount: "1500.00" })],
  [{ callbackItems: "empty" }, {}],
] satisfies Array<[FaultsPatch, unknown]>)("%j", async (faults, expected) => {
  const { shop } = await paid(faults);
  expect(items(shop.received[0])).toEqual(expected);
});

test("whole amounts, reordered items, no metadata, string codes, a foreign id", async () => {
  expect((await paid({ callbackAmount: "integer" })).shop.received[0]?.text).toContain('"Value":1500}');
  const reordered = (await paid({ callbackItemsReordered: true })).shop.received[0];
  expect(read(reordered).CallbackMetadata?.Item.map(({ Name }) => Name)).toEqual([
    "MpesaReceiptNumber",
    "PhoneNumber",
    "TransactionDate",
    "Balance",
    "Amount",
  ]);
  expect(read((await paid({ callbackItems: "absent" })).shop.received[0]).CallbackMetadata).toBeUndefined();
  expect(read((await paid({ callbackCodes: "string" })).shop.received[0]).ResultCode).toBe("0");
  const foreign = await paid({ callbackForeignId: true });
  expect(read(foreign.shop.received[0]).CheckoutRequestID).not.toBe(foreign.id);
});

test("money that arrives late: 1037 first, then 0 with a receipt that the ledger has", async () => {
  const { control, shop, caller } = await scene({
    faults: { lateMoneyMs: 10 },
    timings: { noAnswerAfterMs: 1 },
    phoneDefaults: { rule: { action: "no_answer" } },
  });
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForIdle();
  expect(shop.received.map((received) => read(received).ResultCode)).toEqual([1037, 0]);
  expect(control.ledger).toMatchObject([{ checkoutRequestId: id, receipt: items(shop.received[1])["MpesaReceiptNumber"] }]);
  expect(control.prompt(id)?.outcome?.code).toBe("0");
});

test("a fault that is switched after the push counts for its callback; a one-shot stays with its push", async () => {
  const { control, shop, caller } = await scene();
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForPrompt(PHONE);
  control.setFaults({ callbackLost: true });
  control.pay(id);
  expect((await control.waitForDelivery(id)).outcome).toBe("lost");
  control.setFaults({ callbackLost: false });
  control.nextFaults({ callbackCopies: 2 });
  const next = await caller.pushed(shop.callbackUrl);
  await control.waitForPrompt(PHONE);
  control.pay(next);
  await control.waitForIdle();
  expect(control.deliveriesOf(next)).toHaveLength(2);
});
