/** What a parent does while a payment is under way, and after one that failed. */
import { expect, it } from "vitest";
import { newPhone, view } from "../factories/calls.ts";
import { inEachBrowser } from "./journey.ts";

/** Browsers' clocks cannot be moved from outside in all three. */
const MOVABLE_CLOCK = `{ const now = Date.now.bind(Date); let ahead = 0; Date.now = () => now() + ahead; window.advance = (ms) => { ahead += ms; }; }`;

/** Drivers wait for a button that is locked, until it is not. */
const PRESS_LOCKED = `(document.querySelector("somo-pay").shadowRoot.querySelector("[part~=button][aria-disabled]").click(), true)`;

inEachBrowser("a parent", (begin) => {
  it("who sees no prompt after a while finds what helps, and the time that is left", async () => {
    const { checkout, phone } = await begin({ before: MOVABLE_CLOCK });
    await checkout.pay(phone);
    await checkout.untilMatch(/^(60|5\d) seconds left$/m);
    await checkout.untilText("Sent to 07");
    expect(await checkout.text()).not.toContain("No prompt?");
    await checkout.tab.read("(advance(21_000), true)");
    await checkout.untilText("No prompt?");
    await checkout.tab.click("summary");
    await checkout.untilText("Dial *234# to update your SIM.");
    await checkout.untilMatch(/^3\d seconds left$/m);
  });

  it("whom Safaricom lets wait sees for how long, cannot send a second prompt, and pays then", async () => {
    const { checkout, simulator, phone, clock, expectLedgerIsDatabase } = await begin({
      before: MOVABLE_CLOCK,
      simulator: { timings: { lockMs: 100 } },
    });
    simulator.control.setRule(phone, { action: "fail", code: "17" });
    await checkout.pay(phone);
    await checkout.untilText("M-Pesa is busy");
    await checkout.untilText("Try again in 2 minutes");
    await checkout.tab.read(PRESS_LOCKED);
    await checkout.tab.read("(advance(60_000), true)");
    await checkout.untilMatch(/Try again in (60|5\d) seconds/);
    await checkout.tab.read(PRESS_LOCKED);
    expect(simulator.control.prompts).toHaveLength(1);
    clock.advance(121_000);
    await checkout.tab.read("(advance(61_000), true)");
    await checkout.tab.until(
      `document.querySelector("somo-pay").shadowRoot.querySelector("[part~=button]").ariaDisabled === null`,
      "the button",
    );
    simulator.control.setRule(phone, { action: "pay" });
    await checkout.tryAgain();
    await checkout.until("paid");
    expect(simulator.control.prompts).toHaveLength(2);
    await expectLedgerIsDatabase();
  });

  it("lets another phone pay", async () => {
    const { checkout, simulator, service, phone, bookingId, expectLedgerIsDatabase } = await begin();
    simulator.control.setRule(phone, { action: "cancel" });
    await checkout.pay(phone);
    await checkout.untilText("Another phone pays");
    await checkout.tab.click("button[part~=secondary-button]");
    const other = newPhone();
    await checkout.pay(other);
    const prompt = await simulator.control.waitForPrompt(other);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    expect((await view(service.url, bookingId)).payment?.phone).toBe(`2547•••••${other.slice(-3)}`);
    await expectLedgerIsDatabase();
  });

  it("asks somebody else by WhatsApp, who pays on a page of their own, and both see it", async () => {
    const { checkout, simulator, service, phone, bookingId, openAnother, expectLedgerIsDatabase } = await begin();
    simulator.control.setRule(phone, { action: "insufficient" });
    await checkout.pay(phone);
    await checkout.untilText("Ask somebody else by WhatsApp");
    const message = new URL(await checkout.addressOf("Ask somebody else by WhatsApp"));
    expect(message.origin).toBe("https://wa.me");
    const { reference } = await view(service.url, bookingId);
    const [, words, url] = /^(.*): (http\S+)$/.exec(message.searchParams.get("text")?.replaceAll("\u00a0", " ") ?? "") ?? [];
    expect(words).toBe(`Please pay KES 1,500 for Maths, one hour by M-Pesa (booking ${reference})`);
    const theirs = await openAnother();
    await theirs.tab.open(url ?? "");
    await theirs.until("failed");
    // What went wrong on the first phone is not theirs to read.
    await theirs.untilText("Pay KES 1,500 with M-Pesa");
    expect(await theirs.text()).not.toContain("not enough money");
    await theirs.tryAgain();
    const other = newPhone();
    await theirs.pay(other);
    const prompt = await simulator.control.waitForPrompt(other);
    simulator.control.pay(prompt.checkoutRequestId);
    await theirs.until("paid");
    await checkout.until("paid");
    expect(await checkout.receipt()).toBe(simulator.ledger[0]?.receipt);
    await expectLedgerIsDatabase();
  });

  it("changes the language in the middle, and copies the receipt at the end", async () => {
    const { checkout, simulator, phone } = await begin();
    await checkout.pay(phone);
    await checkout.untilText("Check your phone");
    await checkout.tab.click("[lang=sw][aria-pressed]");
    await checkout.untilText("Angalia simu yako kisha uweke PIN yako ya M-Pesa");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.untilText("Nakili");
    await checkout.tab.click("[part~=copy-button]");
    await checkout.untilText("Imenakiliwa");
  });
});
