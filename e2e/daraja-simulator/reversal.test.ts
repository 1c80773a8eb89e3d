import { expect, test } from "vitest";
import { paid, PHONE, resultSchema } from "./testing.ts";

test("gives the money back: to the phone, in the ledger, by SMS, in the result and in the status after it", async () => {
  const { control, shop, caller, receipt } = await paid({ phoneDefaults: { balanceKes: 2_000 } });
  expect(control.phone(PHONE).balanceKes).toBe(500);
  expect((await caller.reverse(shop, receipt)).status).toBe(200);
  const { conversationId, acceptedAt, code } = await control.waitForConversation(receipt, { kind: "reversal" });
  expect(code).toBe("0");
  expect(await control.waitForResult(conversationId)).toMatchObject({ kind: "reversal_result", outcome: "answered", receipt });

  const [entry] = control.ledger;
  expect(control.ledger).toHaveLength(1);
  expect(entry).toMatchObject({ receipt, amountKes: 1500, reversedAt: acceptedAt, reversalReceipt: expect.stringMatching(/^\w{10}$/) });
  expect(control.phone(PHONE).balanceKes).toBe(2_000);
  expect(control.phone(PHONE).messages[0]?.text).toContain(`${entry?.reversalReceipt} Confirmed. Your payment ${receipt} of Ksh1,500.00`);
  const { Result } = resultSchema.parse(shop.received.at(-1)?.body);
  expect(Result).toMatchObject({ ResultCode: 0, TransactionID: entry?.reversalReceipt });
  expect(Result.values).toMatchObject({ OriginalTransactionID: receipt, Amount: 1500 });

  await caller.status(shop, receipt);
  await control.waitForIdle();
  expect(resultSchema.parse(shop.received.at(-1)?.body).Result.values).toMatchObject({ TransactionStatus: "Reversed", Amount: 1500 });
});

test("happens once, however often and however fast it is asked for", async () => {
  const { control, shop, caller, receipt } = await paid({ phoneDefaults: { balanceKes: 2_000 } });
  await Promise.all(Array.from({ length: 10 }, () => caller.reverse(shop, receipt)));
  await control.waitForIdle();
  const codes = control.conversations.map(({ code }) => code);
  expect([codes.length, codes.filter((code) => code === "0").length, codes.filter((code) => code === "R000001").length]).toEqual([
    10, 1, 9,
  ]);
  expect(control.phone(PHONE).balanceKes).toBe(2_000);
  expect(shop.received.filter(({ text }) => text.includes("The transaction has already been reversed."))).toHaveLength(9);
});

test.each([
  ["an unknown receipt", "UKN0000000", {}],
  ["less than was paid", null, { Amount: 1499 }],
  ["more than was paid", null, { Amount: "1501" }],
  ["another party than the one that was paid", null, { ReceiverParty: "174380" }],
])("%s is invalid, and nothing moves", async (_what, unknown, fields) => {
  const { control, shop, caller, receipt } = await paid({ phoneDefaults: { balanceKes: 2_000 } });
  await caller.reverse(shop, unknown ?? receipt, fields);
  await control.waitForIdle();
  expect(shop.received.at(-1)?.body).toMatchObject({
    Result: { ResultCode: "R000002", ResultDesc: "The OriginalTransactionID is invalid.", TransactionID: expect.stringMatching(/0{7}$/) },
  });
  expect(control.phone(PHONE).balanceKes).toBe(500);
  expect(control.ledger[0]).not.toHaveProperty("reversedAt");
});

test("of a payment by hand lowers the balance that the business is told", async () => {
  const { control, shop, caller } = await paid();
  control.registerC2bUrls({
    shortcode: "174379",
    version: "v2",
    responseType: "Completed",
    confirmationUrl: shop.url("/confirm"),
    validationUrl: shop.url("/validate"),
  });
  const byHand = { phone: PHONE, payTo: "174379", accountNumber: "7K3MWQX2", amountKes: 200 };
  const first = await control.payByHand(byHand);
  if (first.status !== "paid") throw new Error("not paid");
  await caller.reverse(shop, first.receipt, { Amount: "200.00" });
  expect((await control.waitForConversation(first.receipt)).code).toBe("0");
  await control.payByHand(byHand);
  await control.waitForIdle();
  expect(shop.received.filter(({ path }) => path === "/confirm").at(-1)?.body).toMatchObject({ OrgAccountBalance: "1700.00" });
});

test("a reset forgets it: conversations, results and marks are gone", async () => {
  const { control, shop, caller, receipt } = await paid({ timings: { resultDelayMs: 60_000 } });
  await caller.reverse(shop, receipt);
  const { conversationId } = await control.waitForConversation(receipt);
  const wait = control.waitForResult(conversationId).catch(String);
  control.reset();
  expect(await wait).toContain("the simulator was reset");
  await control.waitForIdle();
  expect([control.conversations, control.ledger, control.deliveries]).toEqual([[], [], []]);
  expect(shop.received.map(({ path }) => path)).toEqual(["/callback"]);
  await caller.token();
  await caller.reverse(shop, receipt);
  expect((await control.waitForConversation(receipt)).code).toBe("R000002");
});
