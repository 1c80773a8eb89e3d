import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sandboxAccount } from "./accounts.ts";
import { Caller, paid, PHONE, resultSchema, scene, securityCredential } from "./testing.ts";

const accepted = z.object({ ConversationID: z.string(), OriginatorConversationID: z.string() });

test("a payment's status: accepted first, the result then, with the same ids", async () => {
  const { control, shop, caller, receipt } = await paid();
  const answer = await caller.status(shop, receipt, { Occasion: "audit" });
  expect(answer).toMatchObject({
    status: 200,
    body: { ResponseCode: "0", ResponseDescription: "Accept the service request successfully." },
  });
  const ids = accepted.parse(answer.body);
  expect(await control.waitForResult(ids.ConversationID)).toMatchObject({
    kind: "status_result",
    outcome: "answered",
    receipt,
    phone: PHONE,
  });
  const { Result } = resultSchema.parse(shop.received.find(({ path }) => path === "/result")?.body);
  expect(Result).toMatchObject({
    ...ids,
    ResultType: 0,
    ResultCode: 0,
    ResultDesc: "The service request is processed successfully.",
    ReferenceData: { ReferenceItem: { Key: "Occasion", Value: "audit" } },
  });
  expect(Result.values).toMatchObject({
    DebitPartyName: `${PHONE} - WANJIKU KAMAU`,
    CreditPartyName: "174379 - AMANI TUTORS",
    TransactionStatus: "Completed",
    Amount: 1500,
    ReceiptNo: receipt,
    ReasonType: "Pay Bill to organization via STK Push",
  });
  expect(String(Result.values["FinalisedTime"])).toMatch(/^20\d{12}$/);
});

test.each([
  ["an unknown receipt", "UKN0000000", {}],
  ["another party than the one that was paid", null, { PartyA: "174380" }],
  ["a paybill that is said to be a till", null, { IdentifierType: "2" }],
])("%s is not found: no parameters, and no code 0", async (_what, unknown, fields) => {
  const { control, shop, caller, receipt } = await paid();
  await caller.status(shop, unknown ?? receipt, fields);
  await control.waitForIdle();
  const { Result } = resultSchema.parse(shop.received.at(-1)?.body);
  expect(Result).toMatchObject({ ResultCode: 2032, ResultDesc: "The transaction receipt number does not exist." });
  expect(Result).not.toHaveProperty("ResultParameters");
});

test("another business is not told of this one's payments", async () => {
  const { control, daraja, shop, receipt } = await paid();
  const other = control.addAccount({ ...sandboxAccount, consumerKey: "other", consumerSecret: "other", shortcode: "600000" });
  const stranger = new Caller(daraja.url, other);
  await stranger.status(shop, receipt);
  await stranger.status(shop, receipt, { PartyA: "174379" });
  await stranger.reverse(shop, receipt, { ReceiverParty: "174379" });
  await control.waitForIdle();
  expect(control.conversations.map(({ code }) => code)).toEqual(["2032", "2032", "R000002"]);
  expect(control.ledger[0]).not.toHaveProperty("reversedAt");
});

test("money to a till is asked for by the till", async () => {
  const { control, shop, caller, receipt } = await paid(
    { accounts: [{ ...sandboxAccount, tills: ["5551234"] }] },
    {
      PartyB: "5551234",
      TransactionType: "CustomerBuyGoodsOnline",
    },
  );
  await caller.status(shop, receipt);
  await caller.status(shop, receipt, { PartyA: 5551234, IdentifierType: "2" });
  await control.waitForIdle();
  expect(control.conversations.map(({ code }) => code)).toEqual(["2032", "0"]);
});

describe("the initiator", () => {
  test.each([
    ["another name", { Initiator: "somebody" }],
    ["another password", { SecurityCredential: securityCredential("another") }],
    ["a password that is not encrypted", { SecurityCredential: Buffer.from(sandboxAccount.initiator.password).toString("base64") }],
    ["a credential that is not base64", { SecurityCredential: "***" }],
  ])("with %s is refused by the result, 2001, and nothing is done", async (_what, fields) => {
    const { control, shop, caller, receipt } = await paid();
    expect((await caller.status(shop, receipt, fields)).status).toBe(200);
    expect((await caller.reverse(shop, receipt, fields)).status).toBe(200);
    await control.waitForIdle();
    for (const { body } of shop.received.slice(1)) {
      expect(body).toMatchObject({ Result: { ResultCode: 2001, ResultDesc: "The initiator information is invalid." } });
    }
    expect(control.conversations.map(({ code }) => code)).toEqual(["2001", "2001"]);
    expect(control.ledger[0]).not.toHaveProperty("reversedAt");
  });

  test("of each account is its own", async () => {
    const initiator = { name: "amani", password: "Pass-2" };
    const { control, shop, receipt, daraja } = await paid({ accounts: [{ ...sandboxAccount, initiator }] });
    const caller = new Caller(daraja.url, { ...sandboxAccount, initiator });
    await caller.status(shop, receipt);
    await new Caller(daraja.url).status(shop, receipt);
    await control.waitForIdle();
    expect(control.conversations.map(({ code }) => code)).toEqual(["0", "2001"]);
  });

  test("is encrypted with a real certificate", async () => {
    const { daraja, control, caller } = await scene();
    const { text } = await caller.control("GET", "/certificate");
    expect([daraja.certificate, control.certificate]).toEqual([text, text]);
    const certificate = new X509Certificate(text);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyType).toBe("rsa");
  });
});

describe("what is refused at once", () => {
  test("needs a token that counts", async () => {
    const { shop, caller, control } = await scene();
    await caller.token();
    control.expireTokens();
    for (const answer of [await caller.status(shop, "UKN1234567"), await caller.reverse(shop, "UKN1234567")]) {
      expect(answer).toMatchObject({ status: 404, body: { errorCode: "404.001.03" } });
    }
    expect((await caller.post("/mpesa/reversal/v1/request", {}, { Authorization: "" })).body).toMatchObject({ errorCode: "404.001.04" });
    expect((await caller.get("/mpesa/reversal/v1/request")).status).toBe(405);
    expect((await caller.get("/mpesa/transactionstatus/v1/query")).status).toBe(405);
    expect(control.conversations).toEqual([]);
  });

  test.each([
    ["status", { Initiator: undefined }, "Initiator"],
    ["status", { SecurityCredential: "" }, "SecurityCredential"],
    ["status", { CommandID: "TransactionReversal" }, "CommandID"],
    ["status", { TransactionID: undefined }, "TransactionID"],
    ["status", { PartyA: "shop" }, "PartyA"],
    ["status", { IdentifierType: "11" }, "IdentifierType"],
    ["status", { ResultURL: "result" }, "ResultURL"],
    ["status", { QueueTimeOutURL: undefined }, "QueueTimeOutURL"],
    ["status", { Remarks: undefined }, "Remarks"],
    ["reverse", { CommandID: "TransactionStatusQuery" }, "CommandID"],
    ["reverse", { TransactionID: " " }, "TransactionID"],
    ["reverse", { Amount: 0 }, "Amount"],
    ["reverse", { Amount: 1.5 }, "Amount"],
    ["reverse", { ReceiverParty: undefined }, "ReceiverParty"],
    ["reverse", { RecieverIdentifierType: "4" }, "RecieverIdentifierType"],
    ["reverse", { RecieverIdentifierType: undefined, ReceiverIdentifierType: "11" }, "RecieverIdentifierType"],
  ] as const)("%s with %j: Invalid %s", async (call, fields, field) => {
    const { shop, caller, control } = await scene();
    expect(await caller[call](shop, "UKN1234567", fields)).toMatchObject({
      status: 400,
      body: { errorCode: "400.002.02", errorMessage: `Bad Request - Invalid ${field}` },
    });
    expect(control.conversations).toEqual([]);
  });
});
