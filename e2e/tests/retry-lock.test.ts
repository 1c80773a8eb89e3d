import { describe, expect, it } from "vitest";
import { newPhone, pay, toProblem, view } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { pushesTo, startPaying } from "../factories/paying.ts";
import { deploymentOptions, deployments, stackForTest } from "../fixtures.ts";

describe.each(deployments)("another prompt (%s)", (deployment) => {
  it.each([
    ["17, the same amount again, for two minutes", 17, 120_000],
    ["1037, no answer, until the first prompt is over", 1037, 60_000],
    ["1036, unreachable, until the first prompt is over", 1036, 60_000],
  ])("is refused by the server after %s", async (_what, code, lockMs) => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), simulator: { timings: { lockMs: 0 } } });
    const { url } = stack.service;
    const { booking, prompt, stream } = await startPaying(stack);
    await post(prompt.callbackUrl, callbackBody(prompt, { code }));
    const failed = await stream.untilStatus("failed");
    expect(failed.retryAfterMs).toBeGreaterThan(lockMs - 20_000);
    const phone = newPhone();
    const refused = await pay(url, booking.bookingId, phone);
    expect(toProblem(refused)).toMatchObject({ status: 409, code: "prompt_too_soon", booking: { bookingId: booking.bookingId } });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(lockMs / 1_000 - 20);
    expect(pushesTo(stack, phone)).toBe(0);
    stack.clock.advance(lockMs);
    expect((await view(url, booking.bookingId)).retryAfterMs).toBeUndefined();
    expect((await pay(url, booking.bookingId, phone)).status).toBe(200);
    expect(pushesTo(stack, phone)).toBe(1);
  });

  it("is refused after 1037 also if the push's reply was lost", async () => {
    const simulator = { timings: { lockMs: 0 }, faults: { pushReply: "reset_after_accept" } } as const;
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), simulator });
    const { booking, prompt, stream } = await startPaying(stack);
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1037 }));
    expect((await stream.untilStatus("failed")).retryAfterMs).toBeGreaterThan(40_000);
    expect(toProblem(await pay(stack.service.url, booking.bookingId, newPhone())).code).toBe("prompt_too_soon");
    stack.clock.advance(60_000);
    expect((await pay(stack.service.url, booking.bookingId, newPhone())).status).toBe(202);
  });

  it("is sent at once after the payer cancelled", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), simulator: { timings: { lockMs: 0 } } });
    const { booking, prompt, stream } = await startPaying(stack);
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1032 }));
    expect((await stream.untilStatus("failed")).retryAfterMs).toBeUndefined();
    expect((await pay(stack.service.url, booking.bookingId, newPhone())).status).toBe(200);
  });
});
