import { expect, it } from "vitest";
import { view } from "../factories/calls.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { inEachBrowser } from "./journey.ts";

/** How the phone answers, what the parent then reads, and which event the owner's page receives. */
const failures = [
  { phone: "is cancelled", rule: "cancel", words: "The payment was cancelled on the phone", reason: "cancelled" },
  { phone: "gets a wrong PIN", rule: "wrong_pin", words: "The PIN was not right", reason: "wrong_pin" },
  { phone: "has too little money", rule: "insufficient", words: "There is not enough money in your M-Pesa", reason: "insufficient_funds" },
] as const;

inEachBrowser("success and failure: a parent", (begin) => {
  it("pays, and sees the receipt without further input", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin();
    await checkout.pay(phone);
    await checkout.until("prompted");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    expect(await checkout.receipt()).toBe(simulator.ledger[0]?.receipt);
    expect(await checkout.events()).toEqual([`confirmed ${simulator.ledger[0]?.receipt}`]);
    await expectLedgerIsDatabase();
  });

  it("opens the receipt page, which can be printed", async () => {
    const { checkout, simulator, phone } = await begin();
    await checkout.pay(phone);
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.untilText("Save receipt");
    const { tab } = checkout;
    await tab.open(await checkout.addressOf("Save receipt"));
    expect(await tab.read("document.querySelector('dl').innerText")).toContain(simulator.ledger[0]?.receipt);
    expect(await tab.read("getComputedStyle(document.querySelector('main')).borderTopLeftRadius")).toBe("12px");
    expect(
      await tab.read("new Promise((print) => { window.print = () => print('printed'); document.querySelector('button').click(); })"),
    ).toBe("printed");
  });

  it("pays in Kiswahili, on a page that loads the widget as a classic script", async () => {
    const { checkout, simulator, phone } = await begin({ lang: "sw", classic: true });
    await checkout.untilText("Lipa KES 1,500 kwa M-Pesa");
    await checkout.pay(`0${phone.slice(3)}`);
    const prompt = await simulator.control.waitForPrompt(phone);
    await checkout.untilText("PIN");
    const { receipt } = simulator.control.pay(prompt.checkoutRequestId);
    await checkout.untilText("Malipo yamepokelewa");
    await checkout.untilText("Kipindi chako kimethibitishwa");
    expect(await checkout.receipt()).toBe(receipt);
  });

  it("pays from the M-Pesa menu instead, and the page shows it without a reload", async () => {
    const journey = await begin();
    const { checkout, simulator, phone, clock, bookingId } = journey;
    await registerPaybill(journey);
    // The service learns of a registered paybill within half a minute.
    clock.advance(31_000);
    await journey.openAgain();
    await checkout.until("ready");
    await checkout.tab.click("[part~=secondary-button]");
    await checkout.until("manual");
    const { reference } = await view(journey.service.url, bookingId);
    await checkout.untilText(reference);
    const receipt = receiptOf(await payByHand({ simulator }, { phone, accountNumber: reference, amountKes: 1_500 }));
    await checkout.until("paid");
    expect(await checkout.receipt()).toBe(receipt);
    await journey.expectLedgerIsDatabase();
  });

  it.each(failures)("whose prompt $phone reads the reason, tries again, and pays", async ({ rule, words, reason }) => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin({
      simulator: { timings: { noAnswerAfterMs: 100, lockMs: 100 } },
    });
    simulator.control.setRule(phone, { action: rule });
    await checkout.pay(phone);
    await checkout.untilText(words);
    expect(await checkout.events()).toEqual([`failed ${reason}`]);
    simulator.control.setRule(phone, { action: "pay" });
    await checkout.tryAgain();
    await checkout.until("paid");
    expect(await checkout.events()).toEqual([`failed ${reason}`, `confirmed ${simulator.ledger[0]?.receipt}`]);
    await expectLedgerIsDatabase();
  });

  it("whose prompt is not answered reads how long to wait, and pays once it is certainly over", async () => {
    const { checkout, simulator, phone, clock, openAgain, expectLedgerIsDatabase } = await begin({
      simulator: { timings: { noAnswerAfterMs: 100, lockMs: 100 } },
    });
    simulator.control.setRule(phone, { action: "no_answer" });
    await checkout.pay(phone);
    await checkout.untilText("We did not get an answer from your phone");
    await checkout.untilMatch(/Try again in \d+ seconds/);
    simulator.control.setRule(phone, { action: "pay" });
    clock.advance(61_000);
    await openAgain();
    await checkout.until("failed");
    // Nobody has typed a number on this page yet.
    await checkout.tryAgain();
    await checkout.pay(phone);
    await checkout.until("paid");
    expect((await checkout.events()).at(-1)).toBe(`confirmed ${simulator.ledger[0]?.receipt}`);
    await expectLedgerIsDatabase();
  });
});
