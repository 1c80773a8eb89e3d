import { describe, expect, it } from "vitest";
import { book, newPhone, pay, toView, view } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { newestPrompt, pushesTo } from "../factories/paying.ts";
import { historyIn, theAttempt } from "../factories/records.ts";
import { deployments, sharedStack } from "../fixtures.ts";

describe.each(deployments)("a callback that overtakes the push's reply (%s)", (deployment) => {
  const stack = sharedStack(deployment, {
    simulator: { faults: { callbackBeforeReply: true }, timings: { pushReplyDelayMs: 200 } },
  });

  it("pays at once, and the later reply changes nothing", async () => {
    const { service, simulator } = stack();
    const phone = newPhone();
    simulator.control.setRule(phone, { action: "pay" });
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    const answer = await pay(service.url, bookingId, phone);
    const paid = await stream.untilStatus("paid");

    // The reply waits until the callback is answered, not until it is processed. On a busy machine the request may still be answered "prompted".
    expect(answer.status).toBe(200);
    expect(["paid", "prompted"]).toContain(toView(answer).payment?.status);
    await stream.ended;
    expect(await view(service.url, bookingId)).toEqual(paid);
    const { id, checkoutRequestId } = await theAttempt({ service }, bookingId);
    expect(checkoutRequestId).toBe((await newestPrompt({ simulator }, phone)).checkoutRequestId);
    expect((await historyIn({ service }, id)).map(({ to_status }) => to_status).filter((status) => status !== "prompted")).toEqual([
      "requested",
      "paid",
    ]);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("fails the payment at once: an outcome, not an error of the request", async () => {
    const { service, simulator } = stack();
    const phone = newPhone();
    simulator.control.setRule(phone, { action: "cancel" });
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    const answer = await pay(service.url, bookingId, phone);
    expect(answer.status).toBe(200);
    expect(["failed", "prompted"]).toContain(toView(answer).payment?.status);
    const failed = await stream.untilStatus("failed");
    expect(failed.payment?.reason).toBe("cancelled");
    expect(await view(service.url, bookingId)).toEqual(failed);
    expect(pushesTo({ simulator }, phone)).toBe(1);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("causes a query if it has no amount, before the push is answered", async () => {
    const { service, simulator, clock } = stack();
    const phone = newPhone();
    simulator.control.setRule(phone, { action: "pay" });
    simulator.control.setFaultsForPhone(phone, { callbackItems: "empty" });
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    await pay(service.url, bookingId, phone);
    clock.advance(20_500);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase({ service, simulator });
  });
});
