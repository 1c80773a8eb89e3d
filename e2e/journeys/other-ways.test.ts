import { expect, it } from "vitest";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { until } from "../factories/until.ts";
import { inEachBrowser } from "./journey.ts";

const field = "#code";
/** Beside the field. */
const check = ".framed, [part~=secondary-button]";

inEachBrowser("a parent whose payment was never reported", (begin) => {
  it("types the code from the SMS and sees paid, with the receipt", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin({
      initiator: true,
      simulator: { faults: { pushReply: "reset_after_accept", callbackLost: true } },
    });
    await checkout.pay(phone);
    await checkout.untilText("M-Pesa code from the SMS");
    const prompt = await simulator.control.waitForPrompt(phone);
    const { receipt } = simulator.control.pay(prompt.checkoutRequestId);
    if (receipt === undefined) throw new Error("no money moved");
    await checkout.tab.type(field, receipt.toLowerCase());
    await checkout.tab.click(check);
    await checkout.until("paid");
    expect(await checkout.receipt()).toBe(receipt);
    await expectLedgerIsDatabase();
  });
});

inEachBrowser("a parent who pays another way", (begin) => {
  it("sees paid on the same screen although the prompt was cancelled", async () => {
    const { checkout, simulator, service, clock, phone, openAgain, expectLedgerIsDatabase } = await begin();
    await registerPaybill({ service, simulator });
    simulator.control.setRule(phone, { action: "cancel" });
    await checkout.pay(phone);
    await checkout.until("failed");
    // Every copy learns of a registered paybill within half a minute.
    clock.advance(31_000);
    await openAgain();
    await checkout.untilText("Pay another way");
    await checkout.tab.click("button[part~=secondary-button]");
    await checkout.until("manual");
    await checkout.untilText("Account number");
    const account = await until("the account number", async () => {
      const { database } = service.service;
      return (await database.knex<{ reference: string }>("pending_sessions").first("reference"))?.reference;
    });
    await checkout.untilText(account);
    const receipt = receiptOf(await payByHand({ simulator }, { phone, accountNumber: account, amountKes: 1_500 }));
    await checkout.until("paid");
    expect(await checkout.receipt()).toBe(receipt);
    await expectLedgerIsDatabase();
  });
});
