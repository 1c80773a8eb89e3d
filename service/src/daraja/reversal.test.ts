import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readReversal } from "./reversal.ts";

const asked = { receipt: "UKN7RT61SV", amountKes: 1_500, conversationId: "AG_1" };

function resultBody(ResultCode: unknown, given: Record<string, unknown> = {}): string {
  const list = Object.entries(given).map(([Key, Value]) => ({ Key, Value }));
  const ResultParameters = { ResultParameter: list.length === 1 ? list[0] : list };
  return JSON.stringify({
    Result: { ConversationID: "AG_1", ResultCode, ResultDesc: "words", TransactionID: "UKN9999999", ResultParameters },
  });
}

describe("a reversal's result", () => {
  test.each([
    ["0", 0, {}, { kind: "done", code: "0" }],
    ["0 as text, with the requested values", "0", { OriginalTransactionID: "UKN7RT61SV", Amount: "1500.00" }, { kind: "done" }],
    ["already reversed", "R000001", {}, { kind: "done", code: "R000001" }],
    ["an invalid transaction id", "R000002", {}, { kind: "failed", code: "R000002", isMisconfigured: false }],
    ["a wrong initiator", 2001, {}, { kind: "failed", isMisconfigured: true }],
    ["another transaction", 0, { OriginalTransactionID: "UKN0000000" }, { kind: "unreadable" }],
    ["another amount", 0, { Amount: 15 }, { kind: "unreadable" }],
    ["no code", null, {}, { kind: "unreadable" }],
  ])("%s", (_case, code, given, expected) => {
    expect(readReversal(resultBody(code, given), asked)).toMatchObject(expected);
  });

  it("for another conversation is unreadable, unless our conversation id is not known yet", () => {
    expect(readReversal(resultBody(0), { ...asked, conversationId: "AG_2" })).toMatchObject({ kind: "unreadable" });
    expect(readReversal(resultBody(0), { ...asked, conversationId: null })).toMatchObject({ kind: "done" });
  });

  it("never throws, and never reports a refund that the body does not state", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => readReversal(body, asked).kind === "unreadable"));
  });

  it("with any values in the result, reads a reversal as done only if it says so, and only of the right amount", () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, "0", "R000001", "R000002", 2001, 1500, "1500.00", 15, "UKN7RT61SV"));
    fc.assert(
      fc.property(value, value, value, (code, Amount, OriginalTransactionID) => {
        const outcome = readReversal(resultBody(code, { Amount, OriginalTransactionID }), asked);
        if (outcome.kind !== "done") return;
        expect(["0", "R000001"]).toContain(String(code).trim());
        if (Amount !== null) expect(Number(Amount)).toBe(asked.amountKes);
      }),
      { numRuns: 1_000 },
    );
    expect(readReversal(resultBody("0", { Amount: 1_500 }), asked)).toMatchObject({ kind: "done" });
  });
});
