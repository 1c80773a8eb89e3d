import { expect, it } from "vitest";
import { call } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { startPaying } from "../factories/paying.ts";
import { callbacksIn, callbacksRead } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, stackForTest } from "../fixtures.ts";

const KEPT_PER_DAY = 1_000;
const filler = "x".repeat(20_000);

it.each(deployments)("of callbacks that anybody can send little is kept, and of a day's only the first (%s)", async (deployment) => {
  const stack = await stackForTest({ ...(await deploymentOptions(deployment)), simulator: { faults: { callbackLost: true } } });
  const { url } = stack.service;
  const { prompt } = await startPaying(stack);
  await post(`${url}/callbacks/stk/${"00".repeat(32)}`, JSON.stringify({ filler }));
  const [stranger] = await callbacksRead(stack, 1);
  await until("the body shortened", async () => (await callbacksIn(stack))[0]?.body.length === 4_096);
  expect(stranger).toMatchObject({ verdict: "unmatched" });

  for (let sent = 1; sent < KEPT_PER_DAY + 20; sent += 50)
    await Promise.all(Array.from({ length: 50 }, () => post(`${url}/api/mpesa/callback`, "{}")));
  await until("the day's bound", async () => (await callbacksIn(stack)).length === KEPT_PER_DAY);
  expect(String((await call(url, "/metrics")).body)).toContain("somopay_strangers_callbacks_total 1051");

  const own = JSON.stringify({ ...callbackBody(prompt, { code: 1032 }), filler });
  await post(prompt.callbackUrl, own);
  const kept = (await callbacksRead(stack, KEPT_PER_DAY + 1)).find(({ payment_id }) => payment_id !== null);
  expect(kept?.body).toBe(own);
});
