import { expect, test } from "vitest";
import { requestAnswers, type FaultsPatch } from "./faults.ts";
import { OTHER_PHONE, paid, PHONE, resultSchema } from "./testing.ts";

type Calls = "status" | "reverse";
const calls = ["status", "reverse"] as const satisfies readonly Calls[];

const expected: Record<(typeof requestAnswers)[number], [number, string]> = {
  invalid_token: [404, "404.001.03"],
  system_busy: [500, "System is busy. Please try again in few minutes."],
  internal_error: [500, "Internal Server Error"],
  html: [503, "<html>"],
  empty: [500, ""],
};

test.each(requestAnswers)("%s: refused with its body, nothing is done", async (requestAnswer) => {
  const { control, shop, caller, receipt } = await paid({ faults: { requestAnswer } });
  const [status, text] = expected[requestAnswer];
  for (const call of calls) {
    const answer = await caller[call](shop, receipt);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
    if (requestAnswer === "empty") expect(answer.text).toBe("");
  }
  await control.waitForIdle();
  expect(control.conversations).toEqual([]);
  expect(control.ledger[0]).not.toHaveProperty("reversedAt");
});

test("an error body can come with HTTP 200", async () => {
  const { shop, caller, receipt } = await paid({ faults: { requestAnswer: "system_busy", requestAnswerStatus: 200 } });
  expect(await caller.reverse(shop, receipt)).toMatchObject({ status: 200, body: { errorCode: "500.003.02" } });
});

test("refused, and done all the same: the ambiguous case", async () => {
  const { control, shop, caller, receipt } = await paid({ faults: { requestAnswer: "internal_error", requestAcceptedAnyway: true } });
  expect((await caller.reverse(shop, receipt)).status).toBe(500);
  const { conversationId } = await control.waitForConversation(receipt);
  expect((await control.waitForResult(conversationId)).status).toBe(200);
  expect(control.ledger[0]).toHaveProperty("reversedAt");
});

test("the reply is lost after the reversal was accepted: it is done, and its result comes", async () => {
  const { control, shop, caller, receipt } = await paid({ faults: { requestReply: "reset_after_accept" } });
  await expect(caller.reverse(shop, receipt)).rejects.toThrow(/ECONNRESET|other side closed/);
  await control.waitForIdle();
  expect(control.ledger[0]).toHaveProperty("reversedAt");
  expect(shop.received.at(-1)).toMatchObject({ path: "/result", body: { Result: { ResultCode: 0 } } });
});

test("the connection is cut before anything was accepted: nothing is done", async () => {
  const { control, shop, caller, receipt } = await paid({ faults: { requestReply: "reset_before_accept" } });
  await expect(caller.reverse(shop, receipt)).rejects.toThrow(/ECONNRESET|other side closed/);
  expect(control.conversations).toEqual([]);
  expect(control.ledger[0]).not.toHaveProperty("reversedAt");
});

test.each([
  ["hang_after_accept", 1],
  ["hang_before_accept", 0],
] as const)("%s: never answered, and stopping ends it", async (requestReply, conversations) => {
  const { control, shop, caller, receipt, daraja } = await paid();
  control.nextFaults({ requestReply }, { request: "reversal" });
  const ended = caller.reverse(shop, receipt).catch((error: unknown) => error);
  if (conversations === 1) await control.waitForConversation(receipt, { kind: "reversal" });
  // Only that call hangs: another one is answered meanwhile.
  await caller.status(shop, receipt);
  await control.waitForIdle();
  expect(control.conversationsAbout(receipt, "reversal")).toHaveLength(conversations);
  expect(control.ledger.filter(({ reversedAt }) => reversedAt !== undefined)).toHaveLength(conversations);
  await daraja.stop();
  expect(await ended).toBeInstanceOf(Error);
});

test("dropped: accepted, never carried out, no result", async () => {
  const { control, shop, caller, receipt } = await paid({ faults: { requestDropped: true } });
  expect(await caller.reverse(shop, receipt)).toMatchObject({ status: 200, body: { ResponseCode: "0" } });
  await control.waitForIdle();
  expect(control.conversations[0]).not.toHaveProperty("code");
  expect(control.ledger[0]).not.toHaveProperty("reversedAt");
  expect(shop.received.map(({ path }) => path)).toEqual(["/callback"]);
  control.setFaults({ requestDropped: false });
  await caller.reverse(shop, receipt);
  expect(control.ledger[0]).toHaveProperty("reversedAt");
});

test.each([
  ["8006", 8006, "The security credential is locked."],
  ["1", 1, "The balance is insufficient for the transaction."],
  ["R000001", "R000001", "The transaction has already been reversed."],
])("ended with %s: nothing is carried out", async (resultFailure, ResultCode, ResultDesc) => {
  const { control, shop, caller, receipt } = await paid({ faults: { resultFailure } });
  await caller.reverse(shop, receipt);
  await control.waitForIdle();
  expect(shop.received.at(-1)?.body).toMatchObject({ Result: { ResultCode, ResultDesc } });
  expect(control.ledger[0]).not.toHaveProperty("reversedAt");
});

test("lost: the reversal is done, nothing arrives, the log says so; the status knows", async () => {
  const { control, shop, caller, receipt } = await paid();
  control.nextFaults({ resultLost: true }, { request: "reversal" });
  await caller.status(shop, receipt);
  await caller.reverse(shop, receipt);
  await caller.status(shop, receipt);
  await control.waitForIdle();
  const [first, second, third] = control.conversations;
  expect(control.deliveriesOf(second?.conversationId ?? "")).toMatchObject([{ outcome: "lost", kind: "reversal_result" }]);
  const told = shop.received.filter(({ path }) => path === "/result").map(({ body }) => resultSchema.parse(body).Result);
  expect(new Set(told.map(({ values }) => values["TransactionStatus"]))).toEqual(new Set(["Completed", "Reversed"]));
  expect(told).toHaveLength(2);
  expect([first?.kind, third?.kind]).toEqual(["status", "status"]);
});

test("late: after its request, by its delay", async () => {
  const { control, shop, caller, receipt } = await paid({ faults: { resultLateMs: 30 }, timings: { resultDelayMs: 10 } });
  await caller.reverse(shop, receipt);
  const { conversationId, acceptedAt } = await control.waitForConversation(receipt);
  expect(control.ledger[0]?.reversedAt).toBe(acceptedAt);
  expect((await control.waitForResult(conversationId)).startedAt - acceptedAt).toBeGreaterThanOrEqual(39);
});

test("duplicated: the same body n times", async () => {
  const { control, shop, caller, receipt } = await paid({ faults: { resultCopies: 4, resultCopyGapMs: 2 } });
  await caller.reverse(shop, receipt);
  const { conversationId } = await control.waitForConversation(receipt);
  await control.waitForResult(conversationId, { count: 4 });
  const results = shop.received.filter(({ path }) => path === "/result");
  expect(results).toHaveLength(4);
  expect(new Set(results.map(({ text }) => text)).size).toBe(1);
});

test("before the reply: the merchant has the result when the request is answered", async () => {
  const { shop, caller, receipt } = await paid({ faults: { resultBeforeReply: true } });
  await caller.status(shop, receipt);
  expect(shop.received.at(-1)?.path).toBe("/result");
});

test("before the reply, but the result is late: the reply does not wait for ever", async () => {
  const { shop, caller, receipt } = await paid({ faults: { resultBeforeReply: true, resultLateMs: 60_000 }, timings: { holdReplyMs: 5 } });
  expect((await caller.status(shop, receipt)).status).toBe(200);
  expect(shop.received.map(({ path }) => path)).toEqual(["/callback"]);
});

test.each([
  [false, 1],
  [true, 0],
])("timed out: a notice instead of a result; dropped %s, reversed %i", async (requestDropped, reversed) => {
  const { control, shop, caller, receipt } = await paid({ faults: { resultTimedOut: true, requestDropped } });
  await caller.reverse(shop, receipt);
  const { conversationId, originatorConversationId } = await control.waitForConversation(receipt);
  expect(await control.waitForResult(conversationId)).toMatchObject({ kind: "reversal_timeout", outcome: "answered" });
  expect(shop.received.slice(1)).toMatchObject([
    {
      path: "/timeout",
      body: { Result: { ResultCode: 1037, ConversationID: conversationId, OriginatorConversationID: originatorConversationId } },
    },
  ]);
  expect(control.ledger.filter(({ reversedAt }) => reversedAt !== undefined)).toHaveLength(reversed);
});

async function resultWith(faults: FaultsPatch, call: Calls = "status") {
  const { control, shop, caller, receipt } = await paid({ faults });
  await caller[call](shop, receipt);
  await control.waitForIdle();
  const received = shop.received.at(-1);
  return { receipt, conversation: control.conversations[0], text: received?.text ?? "", Result: resultSchema.parse(received?.body).Result };
}

test("the code as a string", async () => {
  expect((await resultWith({ resultCodes: "string" })).text).toContain('"ResultCode":"0"');
});

test("few parameters, none, an empty list, or one as an object", async () => {
  const few = await resultWith({ resultParameters: "few" });
  expect(few.Result.values).toEqual({ TransactionStatus: "Completed", ReceiptNo: few.receipt });
  expect((await resultWith({ resultParameters: "absent" })).text).not.toContain("ResultParameters");
  expect((await resultWith({ resultParameters: "empty" })).text).toContain('"ResultParameters":{"ResultParameter":[]}');
  expect((await resultWith({ resultParameters: "single" })).text).toContain(
    '"ResultParameters":{"ResultParameter":{"Key":"TransactionStatus","Value":"Completed"}}',
  );
  const reversal = await resultWith({ resultParameters: "single" }, "reverse");
  expect(reversal.text).toContain(`"ResultParameter":{"Key":"OriginalTransactionID","Value":"${reversal.receipt}"}`);
});

test("reordered parameters say the same", async () => {
  const usual = await resultWith({});
  const reordered = await resultWith({ resultParametersReordered: true });
  expect(Object.keys(reordered.Result.values)).toEqual(Object.keys(usual.Result.values).toReversed());
  expect(reordered.Result.values).toMatchObject({ TransactionStatus: "Completed", Amount: 1500 });
});

test("amounts and times as strings", async () => {
  expect((await resultWith({ resultNumbers: "string" })).Result.values).toMatchObject({
    Amount: "1500",
    FinalisedTime: expect.stringMatching(/^20\d{12}$/),
  });
  expect((await resultWith({ resultNumbers: "string" }, "reverse")).Result.values).toMatchObject({ Amount: "1500.00", Charge: "0.00" });
  expect((await resultWith({}, "reverse")).text).toContain('{"Key":"Amount","Value":1500.00}');
});

test.each([
  ["masked", "2547*****149 - W****** K****"],
  ["no_number", "WANJIKU KAMAU"],
  ["absent", undefined],
] as const)("the payer %s", async (resultDebitParty, name) => {
  expect((await resultWith({ resultDebitParty })).Result.values["DebitPartyName"]).toBe(name);
  expect((await resultWith({ resultDebitParty }, "reverse")).Result.values["CreditPartyPublicName"]).toBe(name);
});

test("a wrong amount, and ids that nobody was told", async () => {
  expect((await resultWith({ resultAmountOffKes: -1 })).Result.values["Amount"]).toBe(1499);
  const { conversation, Result } = await resultWith({ resultForeignId: true });
  expect(Result.ConversationID).toMatch(/^AG_\d{8}_[0-9a-f]{20}$/);
  expect(Result.ConversationID).not.toBe(conversation?.conversationId);
  expect(Result.OriginatorConversationID).not.toBe(conversation?.originatorConversationId);
});

test("faults of a payer's phone concern requests about that payer; one-shot faults may wait for one of the two calls", async () => {
  const { control, shop, caller, receipt } = await paid();
  await caller.pushed(shop.callbackUrl, { PhoneNumber: OTHER_PHONE, PartyA: OTHER_PHONE });
  await control.waitForIdle();
  const other = control.ledger[1]?.receipt ?? "";
  control.setFaultsForPhone(PHONE, { requestAnswer: "system_busy" });
  expect((await caller.status(shop, receipt)).status).toBe(500);
  expect((await caller.status(shop, other)).status).toBe(200);
  control.clearFaultsForPhone(PHONE);
  await caller.control("POST", "/faults/next", { faults: { requestAnswer: "html" }, request: "reversal", phone: OTHER_PHONE });
  expect((await caller.status(shop, other)).status).toBe(200);
  expect((await caller.reverse(shop, receipt)).status).toBe(200);
  expect((await caller.reverse(shop, other)).status).toBe(503);
  expect((await caller.reverse(shop, other)).status).toBe(200);
});

test("over HTTP: conversations, their deliveries, the ledger's mark", async () => {
  const { caller, shop, receipt } = await paid();
  await caller.reverse(shop, receipt);
  await caller.control("GET", "/idle");
  const { body } = await caller.control("GET", `/conversations?transactionId=${receipt}`);
  expect(body).toMatchObject([{ kind: "reversal", transactionId: receipt, phone: PHONE, code: "0" }]);
  const [conversation] = Array.isArray(body) ? body : [];
  const deliveries = await caller.control("GET", `/deliveries?conversationId=${Object(conversation).conversationId}`);
  expect(deliveries.body).toMatchObject([{ kind: "reversal_result", outcome: "answered", status: 200 }]);
  expect((await caller.control("GET", "/ledger")).body).toMatchObject([{ receipt, reversedAt: expect.any(Number) }]);
  expect((await caller.control("GET", "/conversations?transactionId=UKN0000000")).body).toEqual([]);
});
