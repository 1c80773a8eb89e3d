import { expect, test } from "vitest";
import { pushAnswers } from "./faults.ts";
import { OTHER_PHONE, PHONE, scene } from "./testing.ts";

const expected: Record<(typeof pushAnswers)[number], [number, string]> = {
  invalid_token: [404, "404.001.03"],
  no_product: [401, "Invalid API call as no apiproduct match found"],
  merchant_unknown: [500, "Merchant does not exist"],
  wrong_credentials: [500, "Wrong credentials"],
  locked: [500, "Unable to lock subscriber"],
  system_busy: [500, "System is busy. Please try again in few minutes."],
  spike_arrest: [500, "Error Occurred: Spike Arrest Violation"],
  quota: [500, "Quota Violation"],
  internal_error: [500, "Internal Server Error"],
  html: [503, "<html>"],
  empty: [500, ""],
};

test.each(pushAnswers)("%s: refused with its body, nothing sent to the phone", async (pushAnswer) => {
  const { control, shop, caller } = await scene({ faults: { pushAnswer } });
  const answer = await caller.push(shop.callbackUrl);
  const [status, text] = expected[pushAnswer];
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(text);
  if (pushAnswer === "empty") expect(answer.text).toBe("");
  expect(control.prompts).toEqual([]);
});

test("an error body can come with HTTP 200", async () => {
  const { shop, caller } = await scene({ faults: { pushAnswer: "system_busy", pushAnswerStatus: 200 } });
  expect(await caller.push(shop.callbackUrl)).toMatchObject({ status: 200, body: { errorCode: "500.003.02" } });
});

test.each(["internal_error", "html", "empty"] as const)("%s, although the prompt went out: the ambiguous case", async (pushAnswer) => {
  const { control, shop, caller } = await scene({ faults: { pushAnswer, pushAcceptedAnyway: true } });
  const answer = await caller.push(shop.callbackUrl);
  expect(answer.status).toBeGreaterThanOrEqual(500);
  const prompt = await control.waitForPrompt(PHONE);
  control.pay(prompt.checkoutRequestId);
  expect((await control.waitForDelivery(prompt.checkoutRequestId)).status).toBe(200);
  expect(control.ledger).toHaveLength(1);
});

test("the reply is lost after the push was accepted: the prompt, the money and the callback are real", async () => {
  const { control, shop, caller } = await scene({
    faults: { pushReply: "reset_after_accept" },
    phoneDefaults: { rule: { action: "pay" } },
  });
  const accepted = control.waitForPush(PHONE);
  await expect(caller.push(shop.callbackUrl)).rejects.toThrow(/ECONNRESET|other side closed/);
  await control.waitForIdle();
  expect(control.ledger).toMatchObject([{ checkoutRequestId: (await accepted).checkoutRequestId }]);
  expect(shop.received).toHaveLength(1);
});

test("the connection is cut before anything was accepted: no prompt", async () => {
  const { control, shop, caller } = await scene({ faults: { pushReply: "reset_before_accept" } });
  await expect(caller.push(shop.callbackUrl)).rejects.toThrow(/ECONNRESET|other side closed/);
  expect(control.prompts).toEqual([]);
});

test.each([
  ["hang_after_accept", 1],
  ["hang_before_accept", 0],
] as const)("%s: never answered, and stopping ends it", async (pushReply, prompts) => {
  const { control, shop, caller, daraja } = await scene();
  await caller.token();
  control.nextFaults({ pushReply });
  const opened = prompts === 1 ? control.waitForPrompt(PHONE) : control.waitForIdle();
  const hanging = caller.push(shop.callbackUrl);
  const ended = hanging.catch((error: unknown) => error);
  await opened;
  // Only that call hangs: another one is answered meanwhile.
  await caller.push(shop.callbackUrl, { PhoneNumber: OTHER_PHONE });
  expect(control.prompts).toHaveLength(prompts + 1);
  await daraja.stop();
  expect(await ended).toBeInstanceOf(Error);
});

test("the lock leaks on the switch: two prompts stand on one phone", async () => {
  const { control, shop, caller } = await scene({ faults: { lockLeaks: true } });
  await caller.pushed(shop.callbackUrl);
  await caller.pushed(shop.callbackUrl);
  await control.waitForIdle();
  expect(control.openPrompts(PHONE)).toHaveLength(2);
});

test("the same amount to the same site within two minutes is refused with 17 on the switch", async () => {
  let now = 1_800_000_000_000;
  const { control, shop, caller } = await scene({
    now: () => now,
    faults: { sameAmountRule: true },
    phoneDefaults: { rule: { action: "pay" } },
  });
  const pay = async (Amount: number) => (await control.waitForOutcome(await caller.pushed(shop.callbackUrl, { Amount }))).code;
  expect(await pay(100)).toBe("0");
  expect(await pay(100)).toBe("17");
  expect(await pay(101)).toBe("0");
  now += 120_000;
  expect(await pay(100)).toBe("0");
});

test.each([
  ["https://pay.example.com/hooks/0af3", 200],
  ["https://pay.example.com/api/MPESA/callback", 400],
  ["https://pay.example.com/Execute", 400],
  ["https://pay.example.com/query", 400],
  ["https://Pay.example.com/hooks", 400],
  ["http://pay.example.com/hooks", 400],
  ["http://127.0.0.1:9/hooks", 200],
  ["http://127.0.0.1:9/mpesa", 400],
])("a strict account takes the callback URL %s with %i", async (url, status) => {
  const { caller } = await scene({ faults: { strictCallbackUrl: true } });
  expect((await caller.push(url)).status).toBe(status);
});

test("a one-shot fault is for one push of that phone; faults of a phone leave others alone", async () => {
  const { control, shop, caller } = await scene();
  control.nextFaults({ pushAnswer: "quota" }, { phone: OTHER_PHONE });
  expect((await caller.push(shop.callbackUrl)).status).toBe(200);
  expect((await caller.push(shop.callbackUrl, { PhoneNumber: OTHER_PHONE })).status).toBe(500);
  expect((await caller.push(shop.callbackUrl, { PhoneNumber: OTHER_PHONE })).status).toBe(200);
  const third = "254700000003";
  control.setFaultsForPhone(third, { pushAnswer: "system_busy" });
  expect((await caller.push(shop.callbackUrl, { PhoneNumber: third })).body).toMatchObject({ errorCode: "500.003.02" });
  control.clearFaultsForPhone(third);
  expect((await caller.push(shop.callbackUrl, { PhoneNumber: third })).status).toBe(200);
});

test("one-shot faults of two kinds of call are refused with a sentence", async () => {
  const { control } = await scene();
  expect(() => control.nextFaults({ pushAnswer: "quota", queryAnswer: "4999" })).toThrow(/same call/);
});

test.each([1, 250_000])("the amount %i is taken", async (Amount) => {
  const { shop, caller } = await scene();
  expect((await caller.push(shop.callbackUrl, { Amount })).status).toBe(200);
});

test.each([0, -1, 1.5, "1.5", "ten", 250_001, null, ""])("the amount %j is refused", async (Amount) => {
  const { shop, caller } = await scene();
  expect((await caller.push(shop.callbackUrl, { Amount })).body).toMatchObject({ errorMessage: "Bad Request - Invalid Amount" });
});

test("a body that is not JSON by its Content-Type has no fields", async () => {
  const { caller, shop } = await scene();
  const body = JSON.stringify(caller.pushFields(shop.callbackUrl));
  const answer = await caller.post("/mpesa/stkpush/v1/processrequest", body, { "Content-Type": "text/plain" });
  expect(answer).toMatchObject({ status: 400, body: { errorMessage: "Bad Request - Invalid BusinessShortCode" } });
});
