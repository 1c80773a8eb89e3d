import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Caller, OTHER_PHONE, PHONE, scene } from "./testing.ts";

const callbackSchema = z.object({
  Body: z.object({
    stkCallback: z.looseObject({ CheckoutRequestID: z.string(), ResultCode: z.union([z.number(), z.string()]), ResultDesc: z.string() }),
  }),
});
const codeOf = (body: unknown) => callbackSchema.parse(body).Body.stkCallback.ResultCode;

describe("a person at the phone", () => {
  test("pays: the money moves once, the ledger, SMS and callback agree", async () => {
    const { control, shop, caller, daraja } = await scene();
    const id = await caller.pushed(shop.callbackUrl);
    const prompt = await control.waitForPrompt(PHONE);
    expect(prompt.checkoutRequestId).toBe(id);
    expect(prompt.text).toBe("Do you want to pay KES 1,500 to AMANI TUTORS Account 7K3MWQX2? Enter M-PESA PIN");

    const outcome = control.answer(id, { pin: "1234" });
    const delivery = await control.waitForDelivery(id);
    expect(delivery).toMatchObject({ outcome: "answered", status: 200, receipt: outcome.receipt, kind: "stk_callback" });
    expect(daraja.ledger).toEqual([
      {
        receipt: outcome.receipt,
        payerPhone: PHONE,
        shortcode: "174379",
        amountKes: 1500,
        accountReference: "7K3MWQX2",
        checkoutRequestId: id,
        kind: "stk",
        at: outcome.at,
      },
    ]);
    expect(control.phone(PHONE)).toMatchObject({ balanceKes: 98_500, prompts: [] });
    expect(control.phone(PHONE).messages[0]?.text).toContain(
      `${outcome.receipt} Confirmed. Ksh1,500.00 sent to AMANI TUTORS for account 7K3MWQX2 on `,
    );
    expect(shop.received).toHaveLength(1);
    expect(shop.received[0]?.headers).toMatchObject({ "content-type": "application/json;charset=UTF-8", businessshortcode: "174379" });
    expect(codeOf(shop.received[0]?.body)).toBe(0);
  });

  test("cancels", async () => {
    const { control, shop, caller } = await scene();
    const id = await caller.pushed(shop.callbackUrl);
    await control.waitForPrompt(PHONE);
    control.cancel(id);
    await control.waitForDelivery(id);
    expect(codeOf(shop.received[0]?.body)).toBe(1032);
    expect(control.ledger).toEqual([]);
  });

  test("three wrong PINs lock the phone until somebody unlocks it", async () => {
    const { control, shop, caller } = await scene();
    const codes: unknown[] = [];
    for (let attempt = 1; attempt <= 4; attempt++) {
      const id = await caller.pushed(shop.callbackUrl);
      await control.waitForPrompt(PHONE);
      // At the fourth prompt the PIN is right, but already locked.
      codes.push(control.answer(id, { pin: attempt === 4 ? "1234" : "0000" }).code);
    }
    expect(codes).toEqual(["2001", "2001", "8006", "8006"]);
    control.setPhone(PHONE, { pinLocked: false });
    const id = await caller.pushed(shop.callbackUrl);
    await control.waitForPrompt(PHONE);
    expect(control.answer(id, { pin: "1234" }).code).toBe("0");
  });

  test("has too little money, then passes the daily limit", async () => {
    const { control, shop, caller } = await scene({ phoneDefaults: { balanceKes: 100, rule: { action: "pay" } } });
    const poor = await caller.pushed(shop.callbackUrl, { Amount: 101 });
    expect((await control.waitForOutcome(poor)).code).toBe("1");
    expect(control.phone(PHONE).messages[0]?.text).toContain("Failed.");
    control.setPhone(PHONE, { balanceKes: 1_000_000, dailyLimitKes: 150 });
    const first = await caller.pushed(shop.callbackUrl, { Amount: 100 });
    expect((await control.waitForOutcome(first)).code).toBe("0");
    const second = await caller.pushed(shop.callbackUrl, { Amount: 51 });
    expect((await control.waitForOutcome(second)).code).toBe("4");
  });

  test("leaves the prompt: it ends by itself with 1037, and the subscriber stays locked for the rest of the minute", async () => {
    const { control, shop, caller } = await scene({ timings: { promptLifeMs: 20 } });
    const id = await caller.pushed(shop.callbackUrl);
    expect((await control.waitForOutcome(id)).code).toBe("1037");
    expect((await caller.push(shop.callbackUrl)).body).toMatchObject({ errorCode: "500.001.1001" });
    expect(() => control.answer(id, { pin: "1234" })).toThrow("not open");
    expect(control.ledger).toEqual([]);
  });
});

describe("a phone that follows a rule", () => {
  test.each([
    ["pay", 0],
    ["cancel", 1032],
    ["wrong_pin", 2001],
    ["no_answer", 1037],
    ["insufficient", 1],
    ["offline", 1037],
  ] as const)("%s ends with %i", async (action, code) => {
    const { control, shop, caller } = await scene({ timings: { noAnswerAfterMs: 10 } });
    control.setRule(PHONE, { action });
    const id = await caller.pushed(shop.callbackUrl);
    await control.waitForDelivery(id);
    expect(codeOf(shop.received[0]?.body)).toBe(code);
    expect(control.ledger).toHaveLength(code === 0 ? 1 : 0);
  });

  test.each(["1019", "1025", "1036", "17", "2", "8", "SFC_IC0003", "E3008"])("fails with %s", async (code) => {
    const { control, shop, caller } = await scene();
    control.setRule(PHONE, { action: "fail", code, delayMs: 1 });
    const id = await caller.pushed(shop.callbackUrl);
    await control.waitForDelivery(id);
    expect(String(codeOf(shop.received[0]?.body))).toBe(code);
  });

  test("an offline phone shows no prompt", async () => {
    const { control, shop, caller } = await scene({ timings: { noAnswerAfterMs: 10 } });
    control.setPhone(PHONE, { online: false });
    const opened: string[] = [];
    control.listen((event) => void (event.type === "prompt_opened" && opened.push(event.phone)));
    const id = await caller.pushed(shop.callbackUrl);
    await control.waitForDelivery(id);
    expect(opened).toEqual([]);
    expect(callbackSchema.parse(shop.received[0]?.body).Body.stkCallback.ResultDesc).toBe("DS timeout user cannot be reached.");
  });

  test("many phones pay at once, each shilling is counted once", async () => {
    const { control, shop, caller } = await scene({ phoneDefaults: { rule: { action: "pay" } } });
    await caller.token();
    const phones = Array.from({ length: 200 }, (_, index) => `2547000${String(index).padStart(5, "0")}`);
    const ids = await Promise.all(phones.map((phone) => caller.pushed(shop.callbackUrl, { PartyA: phone, PhoneNumber: phone })));
    await control.waitForIdle();
    expect(new Set(ids).size).toBe(200);
    expect(new Set(control.ledger.map((entry) => entry.receipt)).size).toBe(200);
    expect(shop.received).toHaveLength(200);
  });
});

describe("an accepted push that never becomes a prompt", () => {
  const till = { accounts: [{ consumerKey: "k", consumerSecret: "s", shortcode: "600966", passkey: "p", tills: ["5000001"] }] };
  test.each([
    ["PartyB that nobody has", { PartyB: "999999" }, "SFC_IC0003"],
    ["buy goods to a paybill", { TransactionType: "CustomerBuyGoodsOnline" }, 2028],
    ["an account reference of 13 characters", { AccountReference: "ABCDEFGHIJKLM" }, 2028],
  ])("%s", async (_name, fields, code) => {
    const { control, shop, caller } = await scene();
    const id = await caller.pushed(shop.callbackUrl, fields);
    await control.waitForDelivery(id);
    expect(codeOf(shop.received[0]?.body)).toBe(code);
  });

  test("paybill to a till fails, buy goods to the till is paid and the ledger names it", async () => {
    const { control, shop, daraja } = await scene(till);
    const account = control.accounts[0];
    if (account === undefined) throw new Error("no account");
    const caller = new Caller(daraja.url, account);
    control.setPhoneDefaults({ rule: { action: "pay" } });
    const wrong = await caller.pushed(shop.callbackUrl, { PartyB: "5000001" });
    expect((await control.waitForOutcome(wrong)).code).toBe("2028");
    const right = await caller.pushed(shop.callbackUrl, { PartyB: "5000001", TransactionType: "CustomerBuyGoodsOnline" });
    expect((await control.waitForOutcome(right)).code).toBe("0");
    expect(control.ledger).toMatchObject([{ shortcode: "600966", till: "5000001" }]);
    expect(control.prompt(right)?.text).toBe("Do you want to pay KES 1,500 to AMANI TUTORS? Enter M-PESA PIN");
  });

  test("a prompt of 182 characters", async () => {
    const { control, shop, caller } = await scene();
    const [account] = control.accounts;
    if (account === undefined) throw new Error("no account");
    control.addAccount({ ...account, businessName: "A".repeat(120) });
    const id = await caller.pushed(shop.callbackUrl);
    expect((await control.waitForOutcome(id)).code).toBe("1025");
  });
});

test("the subscriber is locked while a prompt is open, other phones are not", async () => {
  const { control, shop, caller } = await scene();
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForPrompt(PHONE);
  const second = await caller.push(shop.callbackUrl);
  expect(second.status).toBe(500);
  expect(second.body).toMatchObject({
    errorCode: "500.001.1001",
    errorMessage: "Unable to lock subscriber, a transaction is already in process for the current subscriber",
  });
  await caller.pushed(shop.callbackUrl, { PhoneNumber: OTHER_PHONE });
  control.cancel(id);
  await caller.pushed(shop.callbackUrl);
});
