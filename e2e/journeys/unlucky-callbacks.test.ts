import { expect, it } from "vitest";
import { deliverLost } from "../factories/callbacks.ts";
import { inEachBrowser } from "./journey.ts";

/** After this time the service queries Safaricom about a payment without an outcome. */
const PAST_FIRST_QUERY_MS = 21_000;

inEachBrowser("a parent sees paid even if", (begin) => {
  it("the callback was lost: the service queries Safaricom", async () => {
    const { checkout, simulator, clock, phone, expectLedgerIsDatabase } = await begin({ simulator: { faults: { callbackLost: true } } });
    simulator.control.setRule(phone, { action: "pay" });
    await checkout.pay(phone);
    await checkout.until("prompted");
    clock.advance(PAST_FIRST_QUERY_MS);
    await checkout.until("paid");
    await expectLedgerIsDatabase();
  });

  it("the callback came three times", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin({ simulator: { faults: { callbackCopies: 3 } } });
    simulator.control.setRule(phone, { action: "pay" });
    await checkout.pay(phone);
    await checkout.until("paid");
    await simulator.control.waitForIdle();
    expect(await checkout.events()).toEqual([`confirmed ${simulator.ledger[0]?.receipt}`]);
    await expectLedgerIsDatabase();
  });

  it("the callback came before the push was answered", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin({ simulator: { faults: { callbackBeforeReply: true } } });
    simulator.control.setRule(phone, { action: "pay" });
    await checkout.pay(phone);
    await checkout.until("paid");
    expect(await checkout.receipt()).toBe(simulator.ledger[0]?.receipt);
    await expectLedgerIsDatabase();
  });

  it("the money moved after the payment had failed", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin({
      simulator: { timings: { noAnswerAfterMs: 100 }, faults: { lateMoneyMs: 1_500 } },
    });
    simulator.control.setRule(phone, { action: "no_answer" });
    await checkout.pay(phone);
    await checkout.until("failed");
    await checkout.untilText("Your payment arrived. Thank you!");
    expect(await checkout.receipt()).toBe(simulator.ledger[0]?.receipt);
    await expectLedgerIsDatabase();
  });

  it("the push's reply was lost: no second prompt is sent", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin({
      simulator: { faults: { pushReply: "reset_after_accept", callbackLost: true } },
    });
    await checkout.pay(phone);
    await checkout.untilText("Please do not pay again");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await deliverLost({ simulator }, prompt.checkoutRequestId);
    await checkout.until("paid");
    expect(simulator.control.prompts).toHaveLength(1);
    await expectLedgerIsDatabase();
  });
});
