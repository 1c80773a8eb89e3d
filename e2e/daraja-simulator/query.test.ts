import { describe, expect, test } from "vitest";
import type { FaultsPatch } from "./faults.ts";
import { PHONE, scene } from "./testing.ts";

describe("in flight", () => {
  test.each([
    [{ queryInFlight: "4999" }, 200, { ResultCode: "4999", ResponseCode: "0" }],
    [{ queryInFlight: "empty_error" }, 200, { errorCode: "500.001.1001", errorMessage: "" }],
    [{ queryInFlight: "being_processed" }, 500, { errorCode: "500.001.1001", errorMessage: "The transaction is being processed" }],
    [{ queryInFlight: "does_not_exist" }, 500, { errorCode: "500.001.1001", errorMessage: "The transaction does not Exist" }],
    [{ queryInFlight: "too_early" }, 400, { errorCode: "400.002.02", errorMessage: "Bad Request - Invalid CheckoutRequestID" }],
  ] satisfies Array<[FaultsPatch, number, object]>)("%j", async (faults, status, body) => {
    const { control, shop, caller } = await scene({ faults });
    const id = await caller.pushed(shop.callbackUrl);
    await control.waitForPrompt(PHONE);
    expect(await caller.query(id)).toMatchObject({ status, body });
  });

  test("asked too early, then still under processing", async () => {
    let now = 1_800_000_000_000;
    const { shop, caller } = await scene({ now: () => now, timings: { queryTooEarlyMs: 2_000 } });
    const id = await caller.pushed(shop.callbackUrl);
    expect((await caller.query(id)).status).toBe(400);
    now += 2_000;
    expect((await caller.query(id)).body).toMatchObject({ ResultCode: "4999" });
  });
});

test("settled: the code is a string, there is no receipt, and the words differ from the callback's", async () => {
  const { control, shop, caller } = await scene({ phoneDefaults: { rule: { action: "cancel" } } });
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForDelivery(id);
  const { body } = await caller.query(id);
  expect(Object.keys(Object(body)).sort()).toEqual(
    ["CheckoutRequestID", "MerchantRequestID", "ResponseCode", "ResponseDescription", "ResultCode", "ResultDesc"].sort(),
  );
  expect(body).toMatchObject({
    ResultCode: "1032",
    ResultDesc: "Request Cancelled by user.",
    ResponseDescription: expect.stringContaining("successsfully"),
  });
  expect(shop.received[0]?.text).toContain('"ResultDesc":"Request cancelled by user"');
});

test("the outcome is known to the query before a late callback", async () => {
  const { control, shop, caller } = await scene({ faults: { callbackLateMs: 60_000 }, phoneDefaults: { rule: { action: "pay" } } });
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForOutcome(id);
  expect((await caller.query(id)).body).toMatchObject({ ResultCode: "0" });
  expect(shop.received).toEqual([]);
});

test.each([
  ["does_not_exist", 500, "does not Exist"],
  ["E3008", 200, '"ResultCode":"E3008"'],
  ["rate_limited", 429, "policies.ratelimit.SpikeArrestViolation"],
  ["internal_error", 500, "500.003.1001"],
  ["html", 503, "<html>"],
  ["empty", 500, ""],
] as const)("a paid prompt can be answered with %s, once", async (queryAnswer, status, text) => {
  const { control, shop, caller } = await scene({ phoneDefaults: { rule: { action: "pay" } } });
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForOutcome(id);
  control.nextFaults({ queryAnswer });
  const answer = await caller.query(id);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(text);
  expect((await caller.query(id)).body).toMatchObject({ ResultCode: "0" });
});

test("the connection is cut on the switch", async () => {
  const { control, shop, caller } = await scene();
  const id = await caller.pushed(shop.callbackUrl);
  control.nextFaults({ queryAnswer: "reset" });
  await expect(caller.query(id)).rejects.toThrow();
});

test("5 per 60 s with a burst of one is one every 12 s, for each app; a refused query costs nothing", async () => {
  let now = 1_800_000_000_000;
  const { control, shop, caller } = await scene({ now: () => now, faults: { queryRateLimited: true } });
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForPrompt(PHONE);
  const statuses: number[] = [];
  for (const waitMs of [0, 0, 11_999, 1, 12_000, 11_000]) {
    now += waitMs;
    statuses.push((await caller.query(id)).status);
  }
  expect(statuses).toEqual([200, 429, 429, 200, 200, 429]);
  control.setTimings({ queriesPerPeriod: 60 });
  expect((await caller.query(id)).status).toBe(200);
  expect((await caller.query(id)).text).toContain("messagesPerPeriod=60, periodInMicroseconds=60000000");
});

test("an id of another business, an unknown one and a wrong password are not answered", async () => {
  const { caller } = await scene();
  expect((await caller.query("ws_CO_1")).body).toMatchObject({ errorMessage: "The transaction does not Exist" });
  expect((await caller.post("/mpesa/stkpushquery/v1/query", {})).body).toMatchObject({
    errorMessage: "Bad Request - Invalid BusinessShortCode",
  });
});
