import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRecordings } from "../../../e2e/recordings/read-recordings.ts";
import { buildPushBody, classifyPushReply, problemWithPush } from "./stk-push.ts";
import { own, parseObject } from "./untrusted-json.ts";
import type { DarajaCredentials, PushReply, PushRequest } from "./daraja-types.ts";

const credentials: DarajaCredentials = { consumerKey: "key", consumerSecret: "secret", shortcode: "174379", passkey: "passkey" };
const request: PushRequest = {
  amountKes: 1500,
  phone: "254708374149",
  accountReference: "SP-7K2M9Q",
  description: "Maths lesson",
  callbackUrl: "https://pay.example/callbacks/stk/0123abcd",
};
/** 14:04:03 in Nairobi. */
const nowMs = Date.UTC(2026, 7, 17, 11, 4, 3);

describe("body", () => {
  test("paybill", () => {
    expect(buildPushBody(credentials, request, nowMs)).toEqual({
      BusinessShortCode: "174379",
      Password: Buffer.from("174379passkey20260817140403").toString("base64"),
      Timestamp: "20260817140403",
      TransactionType: "CustomerPayBillOnline",
      Amount: 1500,
      PartyA: "254708374149",
      PartyB: "174379",
      PhoneNumber: "254708374149",
      CallBackURL: "https://pay.example/callbacks/stk/0123abcd",
      AccountReference: "SP-7K2M9Q",
      TransactionDesc: "Maths lesson",
    });
  });

  test("till: Buy Goods, and the money goes to the till", () => {
    const body = buildPushBody({ ...credentials, till: "900123" }, request, nowMs);
    expect(body).toMatchObject({ BusinessShortCode: "174379", PartyB: "900123", TransactionType: "CustomerBuyGoodsOnline" });
  });

  test("has the fields of the documented request, and the same kind of password", () => {
    const [documented] = readRecordings("push-request-");
    const sample = parseObject(documented?.text ?? "") ?? {};
    expect(Object.keys(buildPushBody(credentials, request, nowMs))).toEqual(Object.keys(sample));
    const password = Buffer.from(String(sample["Password"]), "base64").toString();
    expect(password).toMatch(new RegExp(`^${String(sample["BusinessShortCode"])}[0-9a-f]{64}${String(sample["Timestamp"])}$`));
  });

  test("midnight in Nairobi is a different day than in UTC", () => {
    expect(buildPushBody(credentials, request, Date.UTC(2026, 11, 31, 21)).Timestamp).toBe("20270101000000");
  });

  test("reference and description always fit Safaricom's rules", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
        const body = buildPushBody(credentials, { ...request, accountReference: text, description: text }, nowMs);
        expect(body.AccountReference).toMatch(/^(?! )[A-Za-z0-9 -]{1,12}(?<! )$/);
        expect(body.TransactionDesc).toMatch(/^(?! )[A-Za-z0-9 -]{1,13}(?<! )$/);
      }),
    );
    expect(buildPushBody(credentials, { ...request, description: "Piano – Zoë's lesson" }, nowMs).TransactionDesc).toBe("Piano Zoe s l");
  });
});

test("does not send what Safaricom would refuse", () => {
  expect(problemWithPush(request)).toBeNull();
  for (const amountKes of [1, 250_000]) expect(problemWithPush({ ...request, amountKes })).toBeNull();
  for (const amountKes of [0, -1, 1.5, 250_001, Number.NaN]) expect(problemWithPush({ ...request, amountKes })).toMatch(/amount/);
  for (const phone of ["0708374149", "+254708374149", "254208374149", "25470837414", ""])
    expect(problemWithPush({ ...request, phone })).toMatch(/phone/);
  expect(problemWithPush({ ...request, callbackUrl: "pay.example" })).toMatch(/callback/);
});

const expectations: Record<string, object> = {
  "push-400-shortcode.json": { kind: "refused", reason: "misconfigured", code: "400.002.02" },
  "push-400-callbackurl.json": { kind: "refused", reason: "misconfigured", code: "400.002.02" },
  "push-400-remarks.json": { kind: "refused", reason: "rejected", code: "400.002.02" },
  "push-400-amount.json": { kind: "refused", reason: "rejected", code: "400.002.02" },
  "push-400-phone.json": { kind: "refused", reason: "rejected", code: "400.002.02" },
  "push-400-partya.json": { kind: "refused", reason: "rejected", code: "400.002.02" },
  "push-400-partyb.json": { kind: "refused", reason: "misconfigured", code: "400.002.02" },
  "push-400-transactiontype.json": { kind: "refused", reason: "misconfigured", code: "400.002.02" },
  "push-400-password.json": { kind: "refused", reason: "misconfigured", code: "400.002.02" },
  "push-400-payload.json": { kind: "refused", reason: "rejected", code: "400.002.05" },
  "push-404-token-2020.json": { kind: "refused", reason: "busy", code: "404.001.03" },
  "push-404-token-2024.json": { kind: "refused", reason: "busy", code: "404.001.03" },
  "push-404-authheader.json": { kind: "refused", reason: "misconfigured", code: "404.001.04" },
  "push-404-resource.json": { kind: "refused", reason: "misconfigured", code: "404.001.01" },
  "push-405-method.json": { kind: "refused", reason: "misconfigured", code: "405.001" },
  "push-500-wrongcreds-2017.json": { kind: "refused", reason: "misconfigured", code: "500.001.1001" },
  "push-500-wrongcreds-2024.json": { kind: "refused", reason: "misconfigured", code: "500.001.1001" },
  "push-500-merchant.json": { kind: "refused", reason: "misconfigured", code: "500.001.1001" },
  "push-500-lock.json": { kind: "refused", reason: "busy", code: "500.001.1001", retryAfterMs: 60_000 },
  "push-500-spike.json": { kind: "refused", reason: "busy", code: "500.003.02", retryAfterMs: 60_000 },
  "push-500-quota.json": { kind: "refused", reason: "busy", code: "500.003.03", retryAfterMs: 60_000 },
  "push-500-internal.json": { kind: "unclear" },
};

describe("recorded replies", () => {
  const replies = readRecordings("push-").filter(({ http }) => http !== null);
  test("are complete", () => expect(replies).toHaveLength(29));

  test.each(replies)("$file", ({ file, kind, http, text }) => {
    const body = parseObject(text);
    const [checkoutRequestId, merchantRequestId] = [own(body, "CheckoutRequestID"), own(body, "MerchantRequestID")];
    const expected = kind === "push-response" ? { kind: "accepted", checkoutRequestId, merchantRequestId } : expectations[file];
    expect(classifyPushReply(http ?? 0, text)).toMatchObject(expected ?? { kind: "no expectation" });
    // The body decides: errors also come with 200.
    expect(classifyPushReply(200, text)).toMatchObject(expected ?? { kind: "no expectation" });
  });
});

const apigee = (faultstring: string, errorcode: string) => JSON.stringify({ fault: { faultstring, detail: { errorcode } } });
const daraja = (errorCode: string, errorMessage: string) => JSON.stringify({ requestId: "r", errorCode, errorMessage });
const accepted = { MerchantRequestID: "m", CheckoutRequestID: "ws_CO_1", ResponseCode: "0" };

const furtherReplies: [string, number, string, Partial<PushReply>][] = [
  ["200 without an id", 200, "{}", { kind: "unclear" }],
  ["200 with an empty body", 200, "", { kind: "unclear" }],
  ["200 with HTML", 200, "<html>Incapsula</html>", { kind: "unclear" }],
  ["200 with an empty id", 200, JSON.stringify({ ...accepted, CheckoutRequestID: " " }), { kind: "unclear" }],
  ["an id with another ResponseCode", 200, JSON.stringify({ ...accepted, ResponseCode: "1" }), { kind: "unclear" }],
  ["an id together with an error", 200, JSON.stringify({ ...accepted, errorCode: "400.002.02" }), { kind: "unclear" }],
  ["an id with a wrong status", 500, JSON.stringify(accepted), { kind: "accepted", checkoutRequestId: "ws_CO_1" }],
  ["ResponseCode as a number", 200, JSON.stringify({ ...accepted, ResponseCode: 0 }), { kind: "accepted" }],
  ["half a body", 200, JSON.stringify(accepted).slice(0, -9), { kind: "unclear" }],
  ["500 with HTML", 500, "<html></html>", { kind: "unclear" }],
  ["502, empty", 502, "", { kind: "unclear" }],
  ["503, empty", 503, "", { kind: "unclear" }],
  ["504 of the gateway", 504, apigee("Gateway Timeout", "messaging.adaptors.http.flow.GatewayTimeout"), { kind: "unclear" }],
  ["408", 408, "", { kind: "unclear" }],
  ["302", 302, "", { kind: "unclear" }],
  ["an unknown 5xx code", 500, daraja("500.009.77", "?"), { kind: "unclear" }],
  ["in process, without mention of a lock", 500, daraja("500.001.1001", "The transaction is being processed"), { kind: "unclear" }],
  ["system busy", 500, daraja("500.003.02", "System is busy. Please try again in few minutes."), { kind: "refused", reason: "busy" }],
  ["quota, with its other text", 500, daraja("500.003.99", "Error Occurred: Quota Violation"), { kind: "refused", reason: "busy" }],
  [
    "429 of the gateway",
    429,
    apigee("Spike arrest violation.", "policies.ratelimit.SpikeArrestViolation"),
    { kind: "refused", reason: "busy" },
  ],
  ["429, empty", 429, "", { kind: "refused", reason: "busy", retryAfterMs: 60_000 }],
  [
    "401: the app lacks the product",
    401,
    apigee("Invalid API call as no apiproduct match found", "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound"),
    { kind: "refused", reason: "misconfigured" },
  ],
  [
    "404 of the gateway: no such address",
    404,
    apigee("Unable to identify proxy for host", "messaging.adaptors.http.flow.ApplicationNotFound"),
    { kind: "refused", reason: "misconfigured" },
  ],
  ["401 as text", 401, "Invalid API call as no apiproduct match found", { kind: "refused", reason: "misconfigured" }],
  ["404 with HTML", 404, "<html></html>", { kind: "refused", reason: "misconfigured" }],
  ["400, empty", 400, "", { kind: "refused", reason: "rejected" }],
];

describe("further replies", () => {
  test.each(furtherReplies)("%s", (_case, status, text, expected) => expect(classifyPushReply(status, text)).toMatchObject(expected));

  test("accepted only with an id and ResponseCode 0; 5xx and 2xx without a known body are never a refusal", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, text) => {
        const { kind } = classifyPushReply(status, text);
        const allowed = status < 400 || status >= 500 ? ["unclear"] : ["unclear", "refused"];
        expect(allowed).toContain(kind);
      }),
    );
  });

  test("messages contain no phone number", () => {
    const reply = classifyPushReply(400, daraja("400.002.02", "Bad Request - Invalid PhoneNumber 254700000123"));
    expect(reply).toMatchObject({ message: "Bad Request - Invalid PhoneNumber •••" });
  });
});
