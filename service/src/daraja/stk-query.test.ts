import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRecordings } from "../../../e2e/recordings/read-recordings.ts";
import { failureCodes, reasonForQuery } from "./result-codes.ts";
import { buildQueryBody, classifyQueryAnswer } from "./stk-query.ts";
import { own, parseObject } from "./untrusted-json.ts";
import type { QueryAnswer } from "./daraja-types.ts";

const ID = "ws_CO_170820261404032708374149";

test("body", () => {
  const credentials = { consumerKey: "key", consumerSecret: "secret", shortcode: "174379", passkey: "passkey", till: "900123" };
  expect(buildQueryBody(credentials, ID, Date.UTC(2026, 7, 17, 11, 4, 3))).toEqual({
    BusinessShortCode: "174379",
    Password: Buffer.from("174379passkey20260817140403").toString("base64"),
    Timestamp: "20260817140403",
    CheckoutRequestID: ID,
  });
});

const expectations: Record<string, object> = {
  "query-429-spike-sandbox.json": { kind: "throttled", retryAfterMs: 12_000 },
  "query-200-success-official.json": { kind: "paid" },
  "query-200-0-2026.json": { kind: "paid" },
  "query-200-1032-2017.json": { kind: "failed", code: "1032", reason: "cancelled" },
  "query-200-1032-2026.json": { kind: "failed", code: "1032", reason: "cancelled" },
  "query-200-typo.json": { kind: "failed", code: "1032", reason: "cancelled" },
  "query-200-1037-v1.json": { kind: "failed", code: "1037", reason: "no_answer" },
  "query-200-4999.json": { kind: "pending" },
  "query-500-processing-2018.json": { kind: "pending" },
  "query-500-notexist.json": { kind: "pending" },
};

describe("recorded answers", () => {
  const answers = readRecordings("query-");
  test("are complete", () => expect(answers).toHaveLength(Object.keys(expectations).length));

  test.each(answers)("$file", ({ file, http, text }) => {
    const named = own(parseObject(text), "CheckoutRequestID");
    expect(classifyQueryAnswer(http ?? 0, text, typeof named === "string" ? named : ID)).toMatchObject(expectations[file] ?? {});
  });
});

function answer(resultCode: unknown, more: object = {}): string {
  return JSON.stringify({ ResponseCode: "0", CheckoutRequestID: ID, ResultCode: resultCode, ResultDesc: "text", ...more });
}
const daraja = (errorCode: string, errorMessage: string) => JSON.stringify({ requestId: "r", errorCode, errorMessage });

const furtherAnswers: [string, number, string, Partial<QueryAnswer>][] = [
  ["0 as a number", 200, answer(0), { kind: "paid" }],
  ["0 without an id", 200, answer("0", { CheckoutRequestID: undefined }), { kind: "paid" }],
  ["0 of another payment", 200, answer("0", { CheckoutRequestID: "ws_CO_other" }), { kind: "unrecognised" }],
  ["1032 of another payment", 200, answer("1032", { CheckoutRequestID: "ws_CO_other" }), { kind: "unrecognised" }],
  ["0 with an id that is not text", 200, answer("0", { CheckoutRequestID: 7 }), { kind: "unrecognised" }],
  ["0 with a status of failure", 500, answer("0"), { kind: "unrecognised", code: "0" }],
  ["0 with another ResponseCode", 200, answer("0", { ResponseCode: "1" }), { kind: "unrecognised" }],
  ["0 together with an error", 200, answer("0", { errorCode: "500.001.1001", errorMessage: "" }), { kind: "unrecognised" }],
  ["an unknown code", 200, answer("E3008"), { kind: "unrecognised", code: "E3008" }],
  ["no code", 200, answer(null), { kind: "unrecognised", code: null }],
  ["17 with its wait", 200, answer("17"), { kind: "failed", reason: "busy", retryAfterMs: 120_000 }],
  ["1031, as captured in 2020", 200, answer("1031"), { kind: "failed", code: "1031", reason: "cancelled" }],
  ["26", 200, answer("26"), { kind: "unrecognised", code: "26" }],
  ["1001", 200, answer("1001"), { kind: "unrecognised", code: "1001" }],
  ["9999", 200, answer("9999"), { kind: "unrecognised", code: "9999" }],
  ["in progress with 200 and an empty message", 200, daraja("500.001.1001", ""), { kind: "pending" }],
  ["queried too early", 400, daraja("400.002.02", "Bad Request - Invalid CheckoutRequestID"), { kind: "pending" }],
  ["another invalid field", 400, daraja("400.002.02", "Bad Request - Invalid Password"), { kind: "unrecognised" }],
  ["wrong credentials", 500, daraja("500.001.1001", "Wrong credentials"), { kind: "unrecognised", code: "500.001.1001" }],
  ["a merchant that does not exist", 500, daraja("500.001.1001", "Merchant does not exist"), { kind: "unrecognised" }],
  ["stale token", 404, daraja("404.001.03", "Invalid Access Token"), { kind: "pending" }],
  ["internal error", 500, daraja("500.003.1001", "Internal Server Error"), { kind: "pending" }],
  ["quota", 500, daraja("500.003.03", "Quota Violation"), { kind: "throttled", retryAfterMs: 12_000 }],
  ["429, empty", 429, "", { kind: "throttled", retryAfterMs: 12_000 }],
  ["HTML", 200, "<html></html>", { kind: "pending" }],
  ["502, empty", 502, "", { kind: "pending" }],
  ["half a body", 200, answer("0").slice(0, -1), { kind: "pending" }],
];

describe("further answers", () => {
  test.each(furtherAnswers)("%s", (_case, status, text, expected) => expect(classifyQueryAnswer(status, text, ID)).toMatchObject(expected));

  test.each([
    ["messagesPerPeriod=1, periodInMicroseconds=1000000", 1_000],
    ["messagesPerPeriod=1, periodInMicroseconds=999000000", 60_000],
    ["messagesPerPeriod=0, periodInMicroseconds=1", 12_000],
  ])("obeys a rate of %s within limits", (faultstring, retryAfterMs) => {
    expect(classifyQueryAnswer(429, JSON.stringify({ fault: { faultstring } }), ID)).toEqual({ kind: "throttled", retryAfterMs });
  });

  test("paid only on 0, failed only on a known code", () => {
    const code = fc.oneof(fc.jsonValue(), fc.constantFrom(...failureCodes, "0", "4999"));
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), code, (status, value) => {
        const result = classifyQueryAnswer(status, answer(value), ID);
        const isZero = value === 0 || (typeof value === "string" && value.trim() === "0");
        expect(result.kind === "paid").toBe(isZero && status < 300);
        expect(result.kind !== "failed" || reasonForQuery(result.code) !== null).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, text) => {
        expect(["pending", "unrecognised", "throttled"]).toContain(classifyQueryAnswer(status, text, ID).kind);
      }),
    );
  });
});
