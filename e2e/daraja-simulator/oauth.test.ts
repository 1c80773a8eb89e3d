import { expect, test } from "vitest";
import { z } from "zod";
import { sandboxAccount } from "./accounts.ts";
import { basic, scene } from "./testing.ts";

const right = basic(sandboxAccount.consumerKey, sandboxAccount.consumerSecret);
const PATH = "/oauth/v1/generate?grant_type=client_credentials";

test("a token has 28 characters and a life of 3599 seconds, as a string; on the switch as a number", async () => {
  const { caller, control } = await scene();
  const answer = await caller.get(PATH, right);
  expect(answer.status).toBe(200);
  expect(z.object({ access_token: z.string().length(28), expires_in: z.literal("3599") }).safeParse(answer.body).success).toBe(true);
  control.setFaults({ expiresInAsNumber: true });
  expect((await caller.get(PATH, right)).body).toMatchObject({ expires_in: 3599 });
});

test("a new token ends the one before it, unless switched off", async () => {
  const { caller, shop, control } = await scene({ faults: { lockLeaks: true } });
  await caller.token();
  const push = (token: string) =>
    caller.post("/mpesa/stkpush/v1/processrequest", caller.pushFields(shop.callbackUrl), { Authorization: `Bearer ${token}` });
  const first = await caller.token();
  const second = await caller.token();
  expect(await push(first)).toMatchObject({ status: 404, body: { errorCode: "404.001.03" } });
  expect((await push(second)).status).toBe(200);
  control.setFaults({ newestTokenOnly: false });
  await caller.token();
  expect((await push(second)).status).toBe(200);
});

test("a token ends with its life, and when all are ended", async () => {
  let now = 1_800_000_000_000;
  const { caller, shop, control } = await scene({ now: () => now, timings: { tokenLifeMs: 60_000 }, faults: { lockLeaks: true } });
  await caller.token();
  expect((await caller.push(shop.callbackUrl)).status).toBe(200);
  now += 60_000;
  expect((await caller.push(shop.callbackUrl)).body).toMatchObject({ errorCode: "404.001.03" });
  await caller.token();
  control.expireTokens();
  expect((await caller.push(shop.callbackUrl)).body).toMatchObject({ errorCode: "404.001.03" });
});

test("another business's token does not push for this one", async () => {
  const { caller, shop, control } = await scene();
  control.addAccount({ consumerKey: "k", consumerSecret: "s", shortcode: "600966", passkey: "p" });
  expect((await caller.push(shop.callbackUrl, { BusinessShortCode: "600966" })).body).toMatchObject({
    errorMessage: "Merchant does not exist",
  });
});

test("one token request fails, the next works", async () => {
  const { caller, control } = await scene();
  control.nextFaults({ oauthAnswer: "wrong_credentials" });
  expect(await caller.get(PATH, right)).toMatchObject({ status: 400, text: "" });
  control.nextFaults({ oauthAnswer: "system_busy" });
  expect(await caller.get(PATH, right)).toMatchObject({ status: 500, body: { errorCode: "500.003.02" } });
  control.nextFaults({ oauthAnswer: "html" });
  expect((await caller.get(PATH, right)).text).toContain("<html>");
  control.nextFaults({ oauthAnswer: "reset" });
  await expect(caller.get(PATH, right)).rejects.toThrow();
  expect((await caller.get(PATH, right)).status).toBe(200);
});
