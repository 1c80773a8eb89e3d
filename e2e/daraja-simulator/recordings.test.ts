/** Compares the simulator's bodies with the recorded ones: the same keys, the same kinds of value, and the same fixed texts. */
import { expect, test } from "vitest";
import { z } from "zod";
import { readRecording, readRecordings } from "../recordings/read-recordings.ts";
import { sandboxAccount } from "./accounts.ts";
import type { FaultsPatch } from "./faults.ts";
import type { PhoneRule } from "./phones.ts";
import { readPush } from "./stk-request.ts";
import { basic, paid, PHONE, resultSchema, scene, type Answer, type PushFields } from "./testing.ts";

const recordings = readRecordings();

/**
 * The keys and types of a value. The Name or Key of a callback's items and a result's parameters is kept, so their order is compared too.
 */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]): [string, unknown] => [key, key === "Name" || key === "Key" ? member : shape(member)])
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

interface Emission {
  status: number | null;
  text: string;
}

type Emit = (this: void) => Promise<Emission>;
const answered = ({ status, text }: Answer): Emission => ({ status, text });

const push =
  (fields: PushFields, faults: FaultsPatch = {}): Emit =>
  async () => {
    const { shop, caller } = await scene({ faults });
    return answered(await caller.push(shop.callbackUrl, fields));
  };

const pushCall =
  (headers: Record<string, string>, body = "{}", path = "/mpesa/stkpush/v1/processrequest"): Emit =>
  async () => {
    const { caller } = await scene();
    return answered(await caller.post(path, body, headers));
  };

const query =
  (faults: FaultsPatch, rule: PhoneRule, times = 1): Emit =>
  async () => {
    const { control, shop, caller } = await scene({ faults, phoneDefaults: { rule }, timings: { noAnswerAfterMs: 1 } });
    const id = await caller.pushed(shop.callbackUrl);
    if (rule.action !== "by_hand") await control.waitForOutcome(id);
    let answer = await caller.query(id);
    for (let asked = 1; asked < times; asked++) answer = await caller.query(id);
    return answered(answer);
  };

const callback =
  (rule: PhoneRule, faults: FaultsPatch = {}): Emit =>
  async () => {
    const { control, shop, caller } = await scene({ faults, phoneDefaults: { rule }, timings: { noAnswerAfterMs: 1 } });
    const id = await caller.pushed(shop.callbackUrl, { Amount: 1 });
    await control.waitForDelivery(id);
    return { status: null, text: shop.received[0]?.text ?? "" };
  };

const byHand: PhoneRule = { action: "by_hand" };
const fails = (code: string) => callback({ action: "fail", code });

const oauth =
  (path: string, authorization?: string): Emit =>
  async () => {
    const { caller } = await scene();
    return answered(await caller.get(path, authorization));
  };

const right = basic(sandboxAccount.consumerKey, sandboxAccount.consumerSecret);
const locked: Emit = async () => {
  const { shop, caller } = await scene();
  await caller.pushed(shop.callbackUrl);
  return answered(await caller.push(shop.callbackUrl));
};
const unknownId: Emit = async () => {
  const { caller } = await scene();
  return answered(await caller.query("ws_CO_230920262019337708374149"));
};
const wrongMethod: Emit = async () => {
  const { caller } = await scene();
  return answered(await caller.get("/mpesa/stkpush/v1/processrequest"));
};
const c2bRegister: Emit = async () => {
  const { shop, caller } = await scene();
  const urls = {
    ShortCode: 174379,
    ResponseType: "Completed",
    ConfirmationURL: shop.url("/confirm"),
    ValidationURL: shop.url("/validate"),
  };
  return answered(await caller.post("/mpesa/c2b/v2/registerurl", urls));
};
const c2bConfirmation: Emit = async () => {
  const { control, shop } = await scene();
  const urls = { confirmationUrl: shop.url("/confirm"), validationUrl: shop.url("/validate") };
  control.registerC2bUrls({ shortcode: "174379", version: "v2", responseType: "Completed", ...urls });
  await control.payByHand({ phone: PHONE, payTo: "174379", accountNumber: "Sample Transaction", amountKes: 5 });
  await control.waitForIdle();
  return { status: null, text: shop.received.find(({ path }) => path === "/confirm")?.text ?? "" };
};

const reversalRefused: Emit = async () => {
  const { shop, caller } = await scene();
  return answered(await caller.reverse(shop, ""));
};
const requestAccepted =
  (call: "status" | "reverse"): Emit =>
  async () => {
    const { shop, caller, receipt } = await paid();
    return answered(await caller[call](shop, receipt));
  };
const result =
  (call: "status" | "reverse", faults: FaultsPatch = {}, unknown?: string): Emit =>
  async () => {
    const { control, shop, caller, receipt } = await paid({ faults });
    await caller[call](shop, unknown ?? receipt);
    await control.waitForIdle();
    return { status: null, text: shop.received.find(({ path }) => path === "/result")?.text ?? "" };
  };

const emitted: Record<string, Emit> = {
  "oauth-200-string.json": oauth("/oauth/v1/generate?grant_type=client_credentials", right),
  "oauth-400-grant-type.json": oauth("/oauth/v1/generate?grant_type=password", right),
  "oauth-400-auth-type.json": oauth("/oauth/v1/generate?grant_type=client_credentials"),
  "push-200-official-v3.json": push({}),
  "push-200-2025-prodlog.json": push({}),
  "push-200-2024.json": push({}),
  "push-200-2023.json": push({}),
  "push-400-shortcode.json": push({ BusinessShortCode: undefined }),
  "push-400-callbackurl.json": push({ CallBackURL: "ftp://example.com/callback" }),
  "push-400-remarks.json": push({ TransactionDesc: undefined }),
  "push-400-amount.json": push({ Amount: 250_001 }),
  "push-400-phone.json": push({ PhoneNumber: "0712000000" }),
  "push-400-partya.json": push({ PartyA: "254212000000" }),
  "push-400-partyb.json": push({ PartyB: "" }),
  "push-400-transactiontype.json": push({ TransactionType: "CustomerPayBill" }),
  "push-400-password.json": push({ Password: undefined }),
  "push-400-payload.json": pushCall({}, '{"BusinessShortCode":'),
  "push-404-token-2020.json": pushCall({ Authorization: "Bearer 0000000000000000000000000000" }),
  "push-404-token-2024.json": pushCall({ Authorization: "Bearer 0000000000000000000000000000" }),
  "push-404-authheader.json": pushCall({ Authorization: "" }),
  "push-404-resource.json": pushCall({}, "{}", "/mpesa/stkpush/v1/process"),
  "push-405-method.json": wrongMethod,
  "push-500-wrongcreds-2024.json": push({ Password: Buffer.from("wrong").toString("base64") }),
  "push-500-merchant.json": push({ BusinessShortCode: "999999" }),
  "push-500-lock.json": locked,
  "push-500-spike.json": push({}, { pushAnswer: "spike_arrest" }),
  "push-500-quota.json": push({}, { pushAnswer: "quota" }),
  "push-500-internal.json": push({}, { pushAnswer: "internal_error" }),
  "query-429-spike-sandbox.json": query({ queryRateLimited: true }, byHand, 2),
  "query-200-4999.json": query({}, byHand),
  "query-200-typo.json": query({}, { action: "cancel" }),
  "query-200-1032-2026.json": query({}, { action: "cancel" }),
  "query-200-1037-v1.json": query({}, { action: "no_answer" }),
  "query-200-0-2026.json": query({}, { action: "pay" }),
  "query-500-processing-2018.json": query({ queryInFlight: "being_processed" }, byHand),
  "query-500-notexist.json": unknownId,
  "cb-0-2022-2.json": callback({ action: "pay" }),
  "cb-0-2019-dmz.json": callback({ action: "pay" }),
  "cb-0-official-v3.json": callback({ action: "pay" }, { callbackItems: "four" }),
  "cb-0-balance-number.json": callback({ action: "pay" }, { callbackBalance: "number" }),
  "cb-0-phone-masked.json": callback({ action: "pay" }, { callbackItems: "four", callbackPhone: "masked" }),
  "cb-0-items-reordered.json": callback({ action: "pay" }, { callbackItems: "four", callbackItemsReordered: true }),
  "cb-1032-2022-1.json": callback({ action: "cancel" }),
  "cb-1032-2022-4.json": callback({ action: "cancel" }),
  "cb-1032-official-v3.json": callback({ action: "cancel" }),
  "cb-1032-2019.json": callback({ action: "cancel" }, { callbackBracketedText: true }),
  "cb-1032-2019-dmz.json": callback({ action: "cancel" }, { callbackBracketedText: true }),
  "cb-1032-2017.json": callback({ action: "cancel" }, { callbackBracketedText: true }),
  "cb-2001-2019.json": callback({ action: "wrong_pin" }, { callbackBracketedText: true }),
  "cb-1037-2026.json": callback({ action: "no_answer" }),
  "cb-1-documented.json": callback({ action: "insufficient" }),
  "cb-2001-documented.json": callback({ action: "wrong_pin" }),
  "cb-2-documented.json": fails("2"),
  "cb-3-documented.json": fails("3"),
  "cb-4-documented.json": fails("4"),
  "cb-8-documented.json": fails("8"),
  "cb-17-documented.json": fails("17"),
  "cb-1001-community.json": fails("1001"),
  "cb-1025-documented.json": fails("1025"),
  "cb-2028-documented.json": fails("2028"),
  "cb-8006-documented.json": fails("8006"),
  "cb-SFC_IC0003-documented.json": fails("SFC_IC0003"),
  "c2b-register-200.json": c2bRegister,
  "c2b-confirm-masked.json": c2bConfirmation,
  "status-ack.json": requestAccepted("status"),
  "reversal-ack.json": requestAccepted("reverse"),
  "reversal-400.json": reversalRefused,
  "reversal-result-0.json": result("reverse"),
  "reversal-result-R000002.json": result("reverse", {}, "UKN0000000"),
};

/** Recordings that the simulator never sends, with the reason. */
const notEmitted: Record<string, string> = {
  "push-200-sandbox-2026a.json": "its source does not quote CustomerMessage",
  "push-200-sandbox-2026b.json": "its source does not quote CustomerMessage",
  "push-200-2019-dmz.json": "older wording and ids",
  "push-500-wrongcreds-2017.json": "older wording",
  "push-request-official-v3.json": "a request: read below",
  "query-200-success-official.json": "older spelling",
  "query-200-1032-2017.json": "older spelling",
  "cb-0-2019-float.json": "cut off in its source",
  "status-result-0.json": "of money that a business paid out: read below",
  "c2b-validation-accept.json": "the merchant's answer: given in c2b.test.ts",
  "c2b-validation-reject.json": "the merchant's answer: given in c2b.test.ts",
};

/** Members whose text is Safaricom's and does not depend on the payment. */
const FIXED_WORDS = [
  "errorCode",
  "errorMessage",
  "ResponseCode",
  "ResponseDescription",
  "CustomerMessage",
  "ResultCode",
  "ResultDesc",
  "faultstring",
  "errorcode",
];
/** Daraja has two wordings of this text; the simulator uses the dated one. */
const otherWords = new Map([["query-200-typo.json", "ResultDesc"]]);

function fixedWords(value: unknown, except?: string, found: Record<string, unknown> = {}): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    if (FIXED_WORDS.includes(key) && key !== except) found[key] = member;
    else fixedWords(member, except, found);
  }
  return found;
}

test("every recording is sent by the simulator, or has a reason why not", () => {
  const known = [...Object.keys(emitted), ...Object.keys(notEmitted)].sort();
  expect(known).toEqual(recordings.map(({ file }) => file).sort());
});

test.each(Object.keys(emitted))("%s", async (file) => {
  const entry = recordings.find((candidate) => candidate.file === file);
  const emission = await emitted[file]?.();
  expect(emission?.status).toBe(entry?.http);
  const recorded: unknown = JSON.parse(readRecording(file));
  const produced: unknown = JSON.parse(emission?.text ?? "");
  expect(shape(produced)).toEqual(shape(recorded));
  expect(fixedWords(produced, otherWords.get(file))).toEqual(fixedWords(recorded, otherWords.get(file)));
});

test("a wrong key or secret is answered 400 with an empty body", async () => {
  const emission = await oauth("/oauth/v1/generate?grant_type=client_credentials", basic("someone", "else"))();
  expect(emission).toEqual({ status: 400, text: "" });
});

test("the amount has two decimals in the JSON text, as recorded", async () => {
  const { text } = await callback({ action: "pay" })();
  const inText = /"Name":\s*"Amount",\s*"Value":\s*1\.00\D/;
  expect(readRecording("cb-0-2022-2.json")).toMatch(inText);
  expect(text).toMatch(inText);
});

test("the official request is accepted with its numbers and strings", () => {
  const request = readPush(JSON.parse(readRecording("push-request-official-v3.json")));
  expect(request).toMatchObject({ BusinessShortCode: "174379", Amount: 1, PhoneNumber: "254700000002", AccountReference: "accountref" });
  const password = Buffer.from(request.Password, "base64").toString("utf8");
  expect(password).toBe(sandboxAccount.shortcode + sandboxAccount.passkey + request.Timestamp);
});

test("a status has the recorded parameters, in their order, and the recorded kinds of value", async () => {
  const read = (text: string) => resultSchema.parse(JSON.parse(text)).Result;
  const recorded = read(readRecording("status-result-0.json"));
  const { text } = await result("status", { resultNumbers: "string" })();
  const produced = read(text);
  expect(fixedWords(JSON.parse(text))).toMatchObject({ ResultCode: recorded.ResultCode, ResultDesc: recorded.ResultDesc });
  // The recording names both parties DebitPartyName, but a business that is paid is the credit party. Only a business's own transactions have
  // conversation ids.
  const begun = ["OriginatorConversationID", "ConversationID"];
  const [, ...recordedKeys] = keysOf(recorded);
  expect(keysOf(produced)).toEqual(["DebitPartyName", "CreditPartyName", ...recordedKeys.slice(1)]);
  for (const key of recordedKeys.filter((each) => !begun.includes(each))) {
    expect([key, typeof produced.values[key]]).toEqual([key, typeof recorded.values[key]]);
  }
});

const keysOf = ({ ResultParameters }: z.output<typeof resultSchema>["Result"]) =>
  [ResultParameters?.ResultParameter ?? []].flat().map(({ Key }) => Key);

const forms = [
  ["MerchantRequestID", /^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\d{1,7}$/, "push-200-2024.json"],
  ["CheckoutRequestID", /^ws_CO_\d{14}\d{1,3}7\d{8}$/, "push-200-2024.json"],
] as const;
test.each(forms)("%s has the recorded form", async (member, form, file) => {
  const schema = z.looseObject({ [member]: z.string().regex(form) });
  expect(schema.safeParse(JSON.parse(readRecording(file))).success).toBe(true);
  expect(schema.safeParse(JSON.parse((await push({})()).text)).success).toBe(true);
});
