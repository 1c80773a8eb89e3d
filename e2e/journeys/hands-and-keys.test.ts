import { AxeBuilder } from "@axe-core/playwright";
import { expect, it } from "vitest";
import { bookingWish } from "../factories/calls.ts";
import { inEachBrowser, type Journey } from "./journey.ts";

/** Presses Tab until the element in the widget has the focus. Fails after more presses than the page has tab stops. */
async function tabTo({ checkout }: Journey, selector: string): Promise<void> {
  const focused = `document.querySelector("somo-pay").shadowRoot.activeElement?.matches(${JSON.stringify(selector)}) === true`;
  for (let presses = 0; presses < 12; presses++) {
    if ((await checkout.tab.read(focused)) === true) return;
    await checkout.tab.press("Tab");
  }
  throw new Error(`${selector} cannot be reached by Tab`);
}

inEachBrowser("input by mouse and keyboard: a parent", (begin, browser) => {
  it("who clicks twice gets one prompt", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin({ simulator: { timings: { pushReplyDelayMs: 300 } } });
    await checkout.enterPhone(phone);
    await checkout.tab.doubleClick("button[type=submit]");
    await checkout.until("prompted");
    expect(simulator.control.prompts).toHaveLength(1);
    const [prompt] = simulator.control.openPrompts(phone);
    simulator.control.pay(prompt?.checkoutRequestId ?? "");
    await checkout.until("paid");
    await expectLedgerIsDatabase();
  });

  it("who reloads during a payment sees the same prompt, and then paid", async () => {
    const { checkout, simulator, phone, expectLedgerIsDatabase } = await begin();
    await checkout.pay(phone);
    await checkout.until("prompted");
    await checkout.tab.reload();
    await checkout.until("prompted");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    await checkout.tab.reload();
    await checkout.until("paid");
    expect(await checkout.receipt()).toBe(simulator.ledger[0]?.receipt);
    expect(simulator.control.prompts).toHaveLength(1);
    await expectLedgerIsDatabase();
  });

  it("pays, cancels and tries again by keyboard alone", async () => {
    const journey = await begin();
    const { checkout, simulator, phone } = journey;
    await checkout.until("ready");
    await tabTo(journey, "input[type=tel]");
    await checkout.tab.typeHere(phone);
    await checkout.tab.press("Enter");
    await checkout.until("prompted");
    const first = await simulator.control.waitForPrompt(phone);
    simulator.control.cancel(first.checkoutRequestId);
    await checkout.until("failed");
    await tabTo(journey, "[part~=button]");
    await checkout.tab.press("Space");
    await checkout.until("prompted");
    const second = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(second.checkoutRequestId);
    await checkout.until("paid");
    await journey.expectLedgerIsDatabase();
  });

  it("who has no booking books by keyboard, is taken to the phone number, and pays", async () => {
    const journey = await begin({ sessionType: "maths-1h" });
    const { checkout, simulator, phone } = journey;
    const { sessionType: _, ...details } = bookingWish;
    await checkout.fillDetails(details);
    await tabTo(journey, "[name=time]");
    await checkout.tab.press("Enter");
    await checkout.until("ready");
    await checkout.tab.until(
      `document.querySelector("somo-pay").shadowRoot.activeElement?.matches("input[type=tel]") === true`,
      "the focus in the phone field",
    );
    await checkout.tab.typeHere(phone);
    await checkout.tab.press("Enter");
    await checkout.until("prompted");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    await journey.expectLedgerIsDatabase();
  });

  it("who mistypes the number reads how to write it, and no prompt is sent", async () => {
    const { checkout, simulator } = await begin();
    await checkout.pay("0612 345 678");
    await checkout.untilText("Enter a full Safaricom number, for example 0712 345 678");
    expect(simulator.control.prompts).toHaveLength(0);
  });

  // axe needs Playwright's page. Its findings do not depend on the browser.
  if (browser !== "Chromium") return;
  it("meets no accessibility violation that axe detects, from the first screen to the receipt", async () => {
    const { checkout, simulator, phone } = await begin();
    const { page } = checkout.tab;
    if (!page) throw new Error("axe needs a page");
    const check = async (screen: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations, screen).toEqual([]);
    };
    await checkout.until("ready");
    await check("ready");
    await checkout.pay(phone);
    await checkout.until("prompted");
    await check("prompted");
    const first = await simulator.control.waitForPrompt(phone);
    simulator.control.cancel(first.checkoutRequestId);
    await checkout.until("failed");
    await check("failed");
    await checkout.tryAgain();
    await checkout.until("prompted");
    const second = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(second.checkoutRequestId);
    await checkout.until("paid");
    await check("paid");
  });
});
