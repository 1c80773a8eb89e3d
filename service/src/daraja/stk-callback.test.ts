import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failureReasons } from "../contract.ts";
import { readRecordings } from "../../../e2e/recordings/read-recordings.ts";
import { parseStkCallback } from "./stk-callback.ts";
import type { StkCallback } from "./daraja-types.ts";

const recordings = readRecordings("cb-");

const paidOutcomes: Record<string, object> = {
  "cb-0-2019-dmz.json": { amountKes: 1, receipt: "NCBT000002", paidAtMs: Date.UTC(2019, 2, 11, 9, 21, 21), phone: "254700010008" },
  "cb-0-2019-float.json": { amountKes: 2, receipt: "NK3T000003", paidAtMs: null, phone: null },
  "cb-0-2022-2.json": { amountKes: 1, receipt: "QKHT000001", paidAtMs: Date.UTC(2022, 10, 17, 12, 57, 45), phone: "254700010007" },
  "cb-0-balance-number.json": { amountKes: 1, receipt: "NLJ7RT61SV", paidAtMs: Date.UTC(2019, 11, 19, 7, 21, 15), phone: "254708374149" },
  "cb-0-items-reordered.json": { amountKes: 1, receipt: "NLJ7RT61SV", paidAtMs: Date.UTC(2019, 11, 19, 7, 21, 15), phone: "254708374149" },
  "cb-0-official-v3.json": { amountKes: 1, receipt: "NLJ7RT61SV", paidAtMs: Date.UTC(2019, 11, 19, 7, 21, 15), phone: "254708374149" },
  "cb-0-phone-masked.json": { amountKes: 1, receipt: "NLJ7RT61SV", paidAtMs: Date.UTC(2019, 11, 19, 7, 21, 15), phone: "254708***430" },
};

const failedReasons: Record<string, string> = {
  "1": "insufficient_funds",
  "2": "limit",
  "3": "limit",
  "4": "limit",
  "8": "misconfigured",
  "17": "busy",
  "1001": "busy",
  "1025": "busy",
  "1032": "cancelled",
  "1037": "no_answer",
  "2001": "wrong_pin",
  "2028": "misconfigured",
  "8006": "pin_locked",
  SFC_IC0003: "misconfigured",
};

describe("recorded bodies", () => {
  test("are complete", () => expect(recordings).toHaveLength(27));

  test.each(recordings)("$file", ({ file, kind, text }) => {
    const parsed = parseStkCallback(text);
    expect(parsed.checkoutRequestId).toMatch(/^ws_CO_/);
    expect(parsed.merchantRequestId).not.toBeNull();
    const code = /^cb-(SFC_IC0003|\d+)-/.exec(file)?.[1] ?? "";
    const failed = { kind: "failed", code, known: true, reason: failedReasons[code] };
    expect(parsed.outcome).toMatchObject(kind === "callback-success" ? { kind: "paid", ...paidOutcomes[file] } : failed);
  });
});

/** A success with the given result code and items. */
function callback(resultCode: unknown, items?: unknown, more: object = {}): string {
  const metadata = items === undefined ? {} : { CallbackMetadata: { Item: items } };
  const stkCallback = {
    MerchantRequestID: "m-1",
    CheckoutRequestID: "ws_CO_1",
    ResultCode: resultCode,
    ResultDesc: "text",
    ...metadata,
    ...more,
  };
  return JSON.stringify({ Body: { stkCallback } });
}

const item = (name: string, value: unknown) => ({ Name: name, Value: value });
const outcomeOf = (body: string) => parseStkCallback(body).outcome;

describe("result codes", () => {
  test.each([0, "0", " 0 ", -0])("%j is paid", (code) => expect(outcomeOf(callback(code))).toMatchObject({ kind: "paid" }));

  test.each(["00", "0.0", "+0", "", " ", "0x0", "٠", null, true, [], [0], {}, -1, 1.5, "01032", "1032.0", "500.001.1001"])(
    "%j is no code, so the payment stays open",
    (code) => expect(outcomeOf(callback(code))).toMatchObject({ kind: "unreadable" }),
  );

  test("1031 is the payer's no as well, as captured in 2020 and 2021", () =>
    expect(outcomeOf(callback(1031, undefined, { ResultDesc: "Request cancelled by user" }))).toMatchObject({
      kind: "failed",
      code: "1031",
      reason: "cancelled",
      known: true,
    }));

  test.each([1032, "1032", " 1032 "])("%j is 1032", (code) =>
    expect(outcomeOf(callback(code))).toEqual({ kind: "failed", code: "1032", reason: "cancelled", known: true, message: "text" }),
  );

  test("an unknown code fails the payment and is marked as unknown", () => {
    expect(outcomeOf(callback("E3008"))).toMatchObject({ kind: "failed", code: "E3008", reason: "rejected", known: false });
  });

  test.each([4999, "4999"])("%j is not an outcome", (code) => expect(outcomeOf(callback(code))).toMatchObject({ kind: "unreadable" }));

  test("a failure with a receipt is not a failure yet", () => {
    expect(outcomeOf(callback(1032, [item("MpesaReceiptNumber", "NLJ7RT61SV")]))).toMatchObject({ kind: "unreadable" });
  });
});

describe("amounts", () => {
  const amountOf = (items: unknown) => outcomeOf(callback(0, items));

  test.each([
    [1, 1],
    [1.0, 1],
    ["1.00", 1],
    [" 1500 ", 1500],
    ["250000", 250_000],
  ])("%j is %i shillings", (value, amountKes) => expect(amountOf([item("Amount", value)])).toMatchObject({ amountKes }));

  test.each([0, -1, 1.5, "1.50", "1,500", "1e3", "0", "", "KES 1", null, true, [], {}, 2 ** 60])("%j is not an amount", (value) =>
    expect(amountOf([item("Amount", value)])).toMatchObject({ kind: "paid", amountKes: null }),
  );

  test("1e400 and NaN, which JSON.stringify cannot write", () => {
    const text = callback(0, [item("Amount", 12345)]);
    expect(outcomeOf(text.replace("12345", "1e400"))).toMatchObject({ amountKes: null });
    expect(outcomeOf(text.replace("12345", "NaN"))).toMatchObject({ kind: "unreadable" });
  });

  test("given twice: equal amounts count, different ones do not", () => {
    expect(amountOf([item("Amount", 5), item("Amount", 5)])).toMatchObject({ amountKes: 5 });
    expect(amountOf([item("Amount", 5), item("Amount", 6), item("Amount", 5)])).toMatchObject({ amountKes: null });
  });
});

describe("other items", () => {
  test.each([undefined, null, [], {}, "x", 7, [null, 1, "a", [], { Name: 4, Value: 4 }, { Value: 1 }, { Name: "Amount" }]])(
    "Item %j: paid, with nothing known",
    (items) => expect(outcomeOf(callback(0, items))).toEqual({ kind: "paid", amountKes: null, receipt: null, paidAtMs: null, phone: null }),
  );

  test("a single item that is not in a list", () => {
    expect(outcomeOf(callback(0, item("Amount", 10)))).toMatchObject({ amountKes: 10 });
  });

  test.each([
    ["nlj7rt61sv", "NLJ7RT61SV"],
    [" NLJ7RT61SV ", "NLJ7RT61SV"],
    ["NLJ7", null],
    ["NLJ7RT61SV123", null],
    ["NLJ7 RT61", null],
    [12345678, null],
  ])("receipt %j is %j", (value, receipt) =>
    expect(outcomeOf(callback(0, [item("MpesaReceiptNumber", value)]))).toMatchObject({ receipt }),
  );

  test.each([
    [20191219102115, Date.UTC(2019, 11, 19, 7, 21, 15)],
    ["20191219102115", Date.UTC(2019, 11, 19, 7, 21, 15)],
    ["20200101010000", Date.UTC(2019, 11, 31, 22)],
    ["20190231102115", null],
    ["20191219252115", null],
    ["19700101000000", null],
    [20191219, null],
    ["2019-12-19 10:21:15", null],
  ])("date %j in Nairobi is %j", (value, paidAtMs) => {
    expect(outcomeOf(callback(0, [item("TransactionDate", value)]))).toMatchObject({ paidAtMs });
  });
});

describe("text that is not a callback", () => {
  test.each(["", "null", "0", "[]", '"x"', "{", "{}", '{"Body":null}', '{"Body":[]}', '{"Body":{"stkCallback":[]}}', "<html></html>"])(
    "%s",
    (text) =>
      expect(parseStkCallback(text)).toEqual({
        checkoutRequestId: null,
        merchantRequestId: null,
        outcome: { kind: "unreadable", why: "not an STK callback" },
      }),
  );

  test("ignores inherited members", () => {
    const forged = '{"__proto__":{"Body":{"stkCallback":{"ResultCode":0}}}}';
    expect(outcomeOf(forged)).toMatchObject({ kind: "unreadable" });
    expect(outcomeOf('{"Body":{"stkCallback":{"__proto__":{"ResultCode":0,"CheckoutRequestID":"ws_CO_1"}}}}')).toMatchObject({
      kind: "unreadable",
    });
    expect(Object.hasOwn(Object.prototype, "Body")).toBe(false);
  });

  test("the last value of a repeated key counts", () => {
    expect(outcomeOf('{"Body":{"stkCallback":{"ResultCode":0,"ResultCode":1032}}}')).toMatchObject({ kind: "failed", code: "1032" });
  });

  test("deep nesting, and a body longer than any real one", () => {
    const deep = "[".repeat(30_000) + "]".repeat(30_000);
    expect(outcomeOf(callback(0, []).replace("[]", deep))).toMatchObject({ kind: "paid", amountKes: null });
    expect(outcomeOf(`{"a":`.repeat(12_000))).toMatchObject({ kind: "unreadable" });
    expect(outcomeOf(callback(0, [item("Amount", "9".repeat(100_000))]))).toMatchObject({ kind: "unreadable" });
  });

  test("ids that are not text, too long or not printable are null", () => {
    for (const id of [7, null, {}, "", "x".repeat(101), "ws\u0000CO", "ws_CO_\n1", "ws_CO_é"]) {
      expect(parseStkCallback(callback(0, [], { CheckoutRequestID: id })).checkoutRequestId).toBeNull();
    }
  });

  test("the message is one short line without phone numbers", () => {
    const outcome = outcomeOf(callback(1032, undefined, { ResultDesc: `Cancelled\n by 254700000123 \u0007${"x ".repeat(500)}` }));
    const message = outcome.kind === "failed" ? outcome.message : "";
    expect(message).toMatch(/^Cancelled by ••• x x/);
    expect(message.length).toBeLessThanOrEqual(200);
  });
});

describe("properties", () => {
  const isId = (id: string | null) => id === null || (id.length > 0 && id.length <= 100);

  function isSoundOutcome(outcome: StkCallback["outcome"]): boolean {
    if (outcome.kind === "unreadable") return outcome.why !== "";
    if (outcome.kind === "failed") return failureReasons.includes(outcome.reason) && !["0", "4999"].includes(outcome.code);
    const { amountKes, receipt, paidAtMs } = outcome;
    const amountIsSound = amountKes === null || (Number.isSafeInteger(amountKes) && amountKes >= 1);
    return amountIsSound && (receipt === null || /^[A-Z0-9]{8,12}$/.test(receipt)) && (paidAtMs === null || Number.isSafeInteger(paidAtMs));
  }

  /** Must hold for every text. */
  function expectSound(text: string): void {
    const { checkoutRequestId, merchantRequestId, outcome } = parseStkCallback(text);
    expect([isId(checkoutRequestId), isId(merchantRequestId), isSoundOutcome(outcome)]).toEqual([true, true, true]);
  }

  test("any text", () => fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), expectSound)));

  test("any JSON", () => fc.assert(fc.property(fc.json({ maxDepth: 6 }), expectSound)));

  test("any values in a callback's fields", () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, "0", 4999, 1032, "1.00", Number.MAX_VALUE));
    const items = fc.oneof(
      value,
      fc.array(fc.record({ Name: fc.constantFrom("Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber"), Value: value })),
    );
    fc.assert(
      fc.property(value, items, value, (code, list, id) => expectSound(callback(code, list, { CheckoutRequestID: id, ResultDesc: id }))),
    );
  });

  test("recorded bodies with a piece removed or inserted", () => {
    const mutation = fc.record({
      body: fc.constantFrom(...recordings),
      at: fc.nat(),
      length: fc.nat(40),
      insert: fc.oneof(fc.constant(""), fc.constantFrom("0", "1032", '"', "{", "[", "}", "null", ",", "e9"), fc.string({ maxLength: 5 })),
    });
    fc.assert(
      fc.property(mutation, ({ body, at, length, insert }) => {
        const start = at % body.text.length;
        expectSound(body.text.slice(0, start) + insert + body.text.slice(start + length));
      }),
      { numRuns: 2_000 },
    );
  });

  test("paid only if the code is 0", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.integer(), fc.stringMatching(/^[ 0+.eE-]{0,4}$/)), (code) => {
        const isZero = code === 0 || (typeof code === "string" && code.trim() === "0");
        expect(outcomeOf(callback(code)).kind === "paid").toBe(isZero);
      }),
    );
  });
});
