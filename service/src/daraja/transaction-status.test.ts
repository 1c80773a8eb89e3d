import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readTransactionStatus } from "./transaction-status.ts";

const parameters = {
  DebitPartyName: "254708374149 - JOHN DOE",
  CreditPartyName: "174379 - Amani Tutors",
  InitiatedTime: 20261123101529,
  FinalisedTime: 20261123101530,
  TransactionStatus: "Completed",
  ReasonType: "Pay Bill Online",
  Amount: 1500,
  ReceiptNo: "UKN7RT61SV",
};

function resultBody(given: Record<string, unknown> = {}, result: Record<string, unknown> = {}): string {
  const list = Object.entries({ ...parameters, ...given })
    .filter(([, value]) => value !== undefined)
    .map(([Key, Value]) => ({ Key, Value }));
  return JSON.stringify({
    Result: {
      ResultType: 0,
      ResultCode: 0,
      ResultDesc: "The service request is processed successfully.",
      ConversationID: "AG_20261123_1",
      TransactionID: "UKN0000000",
      ResultParameters: { ResultParameter: [...list, { Key: "DebitPartyCharges" }] },
      ...result,
    },
  });
}

const facts = {
  kind: "transaction",
  receipt: "UKN7RT61SV",
  isCompleted: true,
  amountKes: 1_500,
  paidTo: "174379",
  payer: "254708374149",
  paidAtMs: Date.UTC(2026, 10, 23, 7, 15, 30),
};

describe("a transaction that Safaricom knows", () => {
  it("returns payer, payee, amount and time, but not the payer's name", () => {
    expect(readTransactionStatus(resultBody())).toEqual(facts);
    expect(JSON.stringify(readTransactionStatus(resultBody()))).not.toContain("JOHN");
  });
  test.each([
    ["numbers as text", { Amount: "1500.00", FinalisedTime: "20261123101530" }, facts],
    ["another status", { TransactionStatus: "Reversed" }, { ...facts, isCompleted: false }],
    ["a masked payer", { DebitPartyName: "2547*****149 - J*** D**" }, { ...facts, payer: "2547*****149" }],
    ["a payer without a number", { DebitPartyName: "JOHN DOE" }, { ...facts, payer: "" }],
    ["half a shilling", { Amount: 1500.5 }, { ...facts, amountKes: null }],
    ["no amount", { Amount: undefined }, { ...facts, amountKes: null }],
    ["no payee", { CreditPartyName: undefined }, { ...facts, paidTo: "" }],
    ["no final time", { FinalisedTime: undefined }, { ...facts, paidAtMs: facts.paidAtMs - 1_000 }],
    ["a receipt only outside", { ReceiptNo: undefined }, { ...facts, receipt: "UKN0000000" }],
  ])("with %s", (_case, given, expected) => {
    expect(readTransactionStatus(resultBody(given))).toEqual(expected);
  });

  it("is unreadable without a status; a contradictory amount is null", () => {
    expect(readTransactionStatus(resultBody({ TransactionStatus: undefined }))).toMatchObject({ kind: "unreadable" });
    const twice = { ResultParameter: [...Object.entries(parameters), ["Amount", 2]].map(([Key, Value]) => ({ Key, Value })) };
    expect(readTransactionStatus(resultBody({}, { ResultParameters: twice }))).toMatchObject({ amountKes: null });
  });
});

describe("other results", () => {
  test.each([
    ["an unknown receipt", 1, "The transaction receipt number does not exist.", "unknown_receipt"],
    ["a wrong initiator", "2001", "The initiator information is invalid.", "misconfigured"],
    ["a locked credential", 8006, "The security credential is locked.", "misconfigured"],
    ["anything else", 26, "System busy", "no_answer"],
  ])("%s", (_case, ResultCode, ResultDesc, kind) => {
    expect(readTransactionStatus(resultBody({}, { ResultCode, ResultDesc, ResultParameters: undefined }))).toMatchObject({ kind });
  });

  it("never throws, and never reports money that the body does not state", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => readTransactionStatus(body).kind === "unreadable"));
  });

  it("with any values in the result, reads a transaction as completed only if it says so, and only whole amounts", () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("Completed", "COMPLETED ", "Not completed", "Declined", 1500, "1500.00", "1500.5", -1, 0, "UKN7RT61SV", "ukn7rt61sv"),
    );
    const given = fc.record({ TransactionStatus: value, Amount: value, ReceiptNo: value, CreditPartyName: value });
    fc.assert(
      fc.property(given, value, (said, code) => {
        const facts = readTransactionStatus(resultBody(said, { ResultCode: code }));
        if (facts.kind !== "transaction") return;
        expect(["0", 0]).toContain(typeof code === "string" ? code.trim() : code);
        expect(facts.isCompleted).toBe(typeof said.TransactionStatus === "string" && /^completed$/i.test(said.TransactionStatus.trim()));
        if (facts.amountKes !== null) expect(facts.amountKes).toBe(Number(said.Amount));
        expect(facts.paidTo).toMatch(/^([\d*•xX]{5,16})?$/);
      }),
      { numRuns: 1_000 },
    );
    // Such results are read at all.
    expect(readTransactionStatus(resultBody({ TransactionStatus: "COMPLETED ", Amount: "1500.00" }))).toMatchObject({
      kind: "transaction",
      isCompleted: true,
      amountKes: 1_500,
    });
    expect(readTransactionStatus(resultBody({ TransactionStatus: "Not completed" }))).toMatchObject({ isCompleted: false });
  });
});
