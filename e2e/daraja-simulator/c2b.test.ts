import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readRecording } from "../recordings/read-recordings.ts";
import { PHONE, scene } from "./testing.ts";

const recorded = (file: string): unknown => JSON.parse(readRecording(file));
const payment = { phone: PHONE, payTo: "174379", accountNumber: "7K3MWQX2", amountKes: 1500 };

async function registered(responseType: "Completed" | "Cancelled" = "Completed", version: "v1" | "v2" = "v2") {
  const all = await scene({ timings: { c2bValidationTimeoutMs: 1_000 } });
  const urls = { ConfirmationURL: all.shop.url("/confirm"), ValidationURL: all.shop.url("/validate") };
  const answer = await all.caller.post(`/mpesa/c2b/${version}/registerurl`, { ShortCode: 174379, ResponseType: responseType, ...urls });
  expect(answer.status).toBe(200);
  return all;
}

describe("a payment by hand", () => {
  test("is validated, moves the money, is confirmed", async () => {
    const { control, shop } = await registered();
    shop.answers.set("/validate", { status: 200, body: recorded("c2b-validation-accept.json") });
    const outcome = await control.payByHand(payment);
    await control.waitForIdle();
    if (outcome.status !== "paid") throw new Error("not paid");
    expect(control.ledger).toMatchObject([
      { kind: "c2b", receipt: outcome.receipt, accountReference: "7K3MWQX2", amountKes: 1500, payerPhone: PHONE },
    ]);
    expect(shop.received.map(({ path }) => path)).toEqual(["/validate", "/confirm"]);
    expect(shop.received[1]?.body).toMatchObject({
      TransactionType: "Pay Bill",
      TransID: outcome.receipt,
      TransAmount: "1500.00",
      BillRefNumber: "7K3MWQX2",
      OrgAccountBalance: "1500.00",
      MSISDN: "2547 ***** 149",
    });
  });

  test("is refused by the merchant: no money moves", async () => {
    const { control, shop } = await registered();
    shop.answers.set("/validate", { status: 200, body: recorded("c2b-validation-reject.json") });
    expect(await control.payByHand(payment)).toMatchObject({ status: "refused", code: "C2B00011" });
    await control.waitForIdle();
    expect(control.ledger).toEqual([]);
    expect(shop.received).toHaveLength(1);
  });

  test.each([
    ["Completed", "paid"],
    ["Cancelled", "refused"],
  ] as const)("with a validation that fails, %s means %s", async (responseType, status) => {
    const { control, shop } = await registered(responseType);
    shop.answers.set("/validate", { status: 500, body: {} });
    expect((await control.payByHand(payment)).status).toBe(status);
    expect(control.ledger).toHaveLength(status === "paid" ? 1 : 0);
  });

  test("carries a hashed phone in v1", async () => {
    const { control, shop } = await registered("Completed", "v1");
    await control.payByHand(payment);
    await control.waitForIdle();
    expect(shop.received[1]?.body).toMatchObject({ MSISDN: createHash("sha256").update(PHONE).digest("hex") });
  });

  test("without registered URLs only moves the money", async () => {
    const { control, shop } = await scene();
    expect((await control.payByHand(payment)).status).toBe("paid");
    await control.waitForIdle();
    expect(shop.received).toEqual([]);
    expect(control.ledger).toHaveLength(1);
  });

  test("needs the PIN, the money and a real number", async () => {
    const { control } = await scene({ phoneDefaults: { balanceKes: 10 } });
    expect(await control.payByHand({ ...payment, pin: "0000" })).toMatchObject({ code: "2001" });
    expect(await control.payByHand(payment)).toMatchObject({ code: "1" });
    expect(await control.payByHand({ ...payment, payTo: "999999" })).toMatchObject({ code: "SFC_IC0003" });
    expect(control.ledger).toEqual([]);
  });

  test("its confirmation can be lost or duplicated", async () => {
    const { control, shop } = await registered();
    control.setFaults({ c2bConfirmationLost: true });
    await control.payByHand(payment);
    control.setFaults({ c2bConfirmationLost: false, c2bConfirmationCopies: 3 });
    await control.payByHand(payment);
    await control.waitForIdle();
    expect(shop.received.filter(({ path }) => path === "/confirm")).toHaveLength(3);
  });
});

describe("beside an answered prompt", () => {
  test("a paybill with registered URLs is told of the same money twice, the ledger has it once", async () => {
    const { control, shop, caller } = await registered();
    control.setPhoneDefaults({ rule: { action: "pay" } });
    await caller.pushed(shop.callbackUrl);
    await control.waitForIdle();
    const receipt = control.ledger[0]?.receipt;
    expect(control.ledger).toHaveLength(1);
    expect(shop.received.map(({ path }) => path).sort()).toEqual(["/callback", "/confirm"]);
    expect(shop.received.find(({ path }) => path === "/confirm")?.body).toMatchObject({ TransID: receipt, BillRefNumber: "7K3MWQX2" });
  });

  test("not on the switch", async () => {
    const { control, shop, caller } = await registered();
    control.setFaults({ c2bBesideStk: false });
    control.setPhoneDefaults({ rule: { action: "pay" } });
    await caller.pushed(shop.callbackUrl);
    await control.waitForIdle();
    expect(shop.received.map(({ path }) => path)).toEqual(["/callback"]);
  });
});

test("only the business itself may register its URLs", async () => {
  const { caller, shop } = await scene();
  const urls = { ResponseType: "Completed", ConfirmationURL: shop.url("/c"), ValidationURL: shop.url("/v") };
  expect((await caller.post("/mpesa/c2b/v2/registerurl", { ShortCode: "600966", ...urls })).body).toMatchObject({
    errorMessage: "Merchant does not exist",
  });
  expect((await caller.post("/mpesa/c2b/v2/registerurl", { ShortCode: "174379" })).body).toMatchObject({
    errorMessage: "Bad Request - Invalid ResponseType",
  });
});
