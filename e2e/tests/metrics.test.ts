import { describe, expect, it } from "vitest";
import { call } from "../factories/calls.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { deploymentOptions, deployments, stackForTest } from "../fixtures.ts";

describe.each(deployments)("the metrics (%s)", (deployment) => {
  it("counts the open payments by status, and each status change", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const metrics = async (): Promise<string> => String((await call(stack.service.url, "/metrics")).body);
    const { prompt, stream } = await startPaying(stack);
    stack.clock.advance(7_000);
    const during = await metrics();
    expect(during).toContain('somopay_open_payments{status="prompted"} 1');
    const oldest = /somopay_oldest_open_payment_seconds ([\d.]+)/.exec(during)?.[1];
    expect(Number(oldest)).toBeGreaterThanOrEqual(7);

    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    const after = await metrics();
    expect(after).not.toContain("somopay_open_payments{");
    expect(after).toContain("somopay_oldest_open_payment_seconds 0");
    expect(after).toContain('somopay_payment_steps_total{status="paid",reason="",source="callback"} 1');
  });
});
