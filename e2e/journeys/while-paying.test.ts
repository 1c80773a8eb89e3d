/** What a parent does while a payment is under way, and after one that failed. */
import { expect, it } from "vitest";
import { newPhone, view } from "../factories/calls.ts";
import { inEachBrowser } from "./journey.ts";

/** A script in the page moves its clock, because not every driver can. */
const MOVABLE_CLOCK = `{ const now = Date.now.bind(Date); let ahead = 0; Date.now = () => now() + ahead; window.advance = (ms) => { ahead += ms; }; }`;

/** A driver's click waits until a disabled button is enabled, so the page clicks by itself. */
const PRESS_LOCKED = `(document.querySelector("somo-pay").shadowRoot.querySelector("[part~=button][aria-disabled]").click(), true)`;

inEachBrowser("while a payment is open: a parent", (begin) => {
  it("who sees no prompt after a while is shown what helps, and the remaining time", async () => {
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

  it("who must wait for Safaricom sees for how long, cannot send a second prompt meanwhile, and then pays", async () => {
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
    await checkout.untilText("Pay with another phone");
    await checkout.tab.click("button[part~=secondary-button]");
    const other = newPhone();
    await checkout.pay(other);
    const prompt = await simulator.control.waitForPrompt(other);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    expect((await view(service.url, bookingId)).payment?.phone).toBe(`2547•••••${other.slice(-3)}`);
    await expectLedgerIsDatabase();
  });

  it("shares the payment by WhatsApp; the other person pays on another page, and both see it", async () => {
    const { checkout, simulator, service, phone, bookingId, openAnother, expectLedgerIsDatabase } = await begin();
    simulator.control.setRule(phone, { action: "insufficient" });
    await checkout.pay(phone);
    await checkout.untilText("Ask someone else to pay, by WhatsApp");
    const message = new URL(await checkout.addressOf("Ask someone else to pay, by WhatsApp"));
    expect(message.origin).toBe("https://wa.me");
    const { reference } = await view(service.url, bookingId);
    const [, words, url] = /^(.*): (http\S+)$/.exec(message.searchParams.get("text")?.replaceAll("\u00a0", " ") ?? "") ?? [];
    expect(words).toBe(`Please pay KES 1,500 for Maths, one hour by M-Pesa (booking ${reference})`);
    const theirs = await openAnother();
    await theirs.tab.open(url ?? "");
    await theirs.until("failed");
    // The other person must not read what went wrong on the first phone.
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

  it("changes the language during a payment, and copies the receipt at the end", async () => {
    const { checkout, simulator, phone } = await begin();
    await checkout.pay(phone);
    await checkout.untilText("Check your phone");
    await checkout.tab.click("[lang=sw][aria-pressed]");
    await checkout.untilText("Angalia simu yako, kisha uweke PIN ya M-Pesa");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.untilText("Nakili");
    await checkout.tab.click("[part~=copy-button]");
    await checkout.untilText("Imenakiliwa");
    expect(await checkout.receipt()).toBe(simulator.ledger[0]?.receipt);
  });
});
