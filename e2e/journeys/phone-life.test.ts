/**
 * The page on a cheap phone whose owner leaves the browser to type a PIN. Scripts in the page set what it learns about the phone (hidden, offline,
 * clock, storage), because no driver can set that in all three browsers. The network is really cut.
 */
import { expect, it } from "vitest";
import { until } from "../factories/until.ts";
import { book } from "../factories/calls.ts";
import type { CheckoutPage } from "../pages/checkout-page.ts";
import { inEachBrowser, type Journey } from "./journey.ts";

const SEEN_AGAIN_MS = 2_000;
/** The widget detects a blocked stream within 5 s; the request itself takes longer. */
const BLOCKED_MS = 6_000;

const CAN_HIDE = `
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  window.setHidden = (is) => { hidden = is; document.dispatchEvent(new Event("visibilitychange", { bubbles: true })); };`;
const CAN_GO_OFFLINE = `
  let online = true;
  Object.defineProperty(navigator, "onLine", { get: () => online });
  window.setOnline = (is) => { online = is; dispatchEvent(new Event(is ? "online" : "offline")); };`;
const CLOCK_THREE_DAYS_SLOW = `{ const now = Date.now.bind(Date); Date.now = () => now() - 3 * 86_400_000; }`;
const NO_STORAGE = `Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });`;

async function expectWithin(limitMs: number, shown: Promise<void>): Promise<void> {
  const startedAt = performance.now();
  await shown;
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
}

const tell = ({ tab }: CheckoutPage, what: string) => tab.read(`(${what}, true)`);

async function promptOn({ checkout, simulator, phone }: Journey) {
  await checkout.pay(phone);
  await checkout.until("prompted");
  return simulator.control.waitForPrompt(phone);
}

/** The money moves and the service learns of it; the page does not. */
async function payUnseen({ simulator, service, bookingId }: Journey, prompt: { checkoutRequestId: string }): Promise<void> {
  simulator.control.pay(prompt.checkoutRequestId);
  const { database } = service.service;
  await until("the payment", () => database.knex("sessions").where({ pending_session_id: bookingId }).first("id"));
}

async function expectPaidOnce({ checkout, simulator, expectLedgerIsDatabase }: Journey): Promise<void> {
  expect(await checkout.receipt()).toBe(simulator.ledger[0]?.receipt);
  expect(simulator.control.prompts).toHaveLength(1);
  await expectLedgerIsDatabase();
}

inEachBrowser("the checkout on a phone", (begin) => {
  it("shows the receipt as soon as a page that was frozen during PIN entry is visible again", async () => {
    const journey = await begin({ before: CAN_HIDE });
    const { checkout, network } = journey;
    const prompt = await promptOn(journey);
    await tell(checkout, "setHidden(true)");
    network.lose();
    await payUnseen(journey, prompt);
    network.comeBack();
    await tell(checkout, "setHidden(false)");
    await expectWithin(SEEN_AGAIN_MS, checkout.until("paid"));
    await expectPaidOnce(journey);
  });

  it("says that the phone is offline in airplane mode, and shows the outcome when it is online again", async () => {
    const journey = await begin({ before: CAN_GO_OFFLINE });
    const { checkout, network } = journey;
    const prompt = await promptOn(journey);
    network.lose();
    await tell(checkout, "setOnline(false)");
    await checkout.untilText("You are offline. We will carry on when you are back.");
    await payUnseen(journey, prompt);
    network.comeBack();
    await tell(checkout, "setOnline(true)");
    await expectWithin(SEEN_AGAIN_MS, checkout.until("paid"));
    expect(await checkout.text()).not.toContain("offline");
    await expectPaidOnce(journey);
  });

  it("says that the connection is weak when the network fails silently, and recovers by itself", async () => {
    const journey = await begin();
    const { checkout, network } = journey;
    const prompt = await promptOn(journey);
    network.lose();
    await checkout.untilText("Slow connection. Still trying…");
    await payUnseen(journey, prompt);
    network.comeBack();
    await checkout.until("paid");
    await expectPaidOnce(journey);
  });

  it("repeats a lost payment request under the same key: one prompt", async () => {
    const journey = await begin({ simulator: { timings: { pushReplyDelayMs: 500 } } });
    const { checkout, network, simulator, phone } = journey;
    await checkout.pay(phone);
    await until("the push", () => simulator.control.prompts.length > 0);
    network.lose();
    await checkout.untilText("Slow connection. Still trying…");
    network.comeBack();
    await checkout.until("prompted");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    await expectPaidOnce(journey);
  });

  it.each(["refused", "held"] as const)("polls within 5 s behind a proxy where streams are %s", async (streams) => {
    const journey = await begin();
    const { checkout, network } = journey;
    network.setStreams(streams);
    const prompt = await promptOn(journey);
    await payUnseen(journey, prompt);
    await expectWithin(BLOCKED_MS, checkout.until("paid"));
    await expectPaidOnce(journey);
  });

  it("shows the outcome after a reload during the payment request, and sends nothing again", async () => {
    const journey = await begin({ simulator: { timings: { pushReplyDelayMs: 1_500 } } });
    const { checkout, simulator, phone } = journey;
    await checkout.pay(phone);
    await until("the push", () => simulator.control.prompts.length > 0);
    await checkout.tab.reload();
    await checkout.until("prompted");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    await expectPaidOnce(journey);
  });

  it("shows the same payment after the page was closed and opened again", async () => {
    const journey = await begin();
    const { checkout, openAgain } = journey;
    const prompt = await promptOn(journey);
    await checkout.tab.open("about:blank");
    await openAgain();
    await checkout.until("prompted");
    await checkout.tab.open("about:blank");
    await payUnseen(journey, prompt);
    await openAgain();
    await checkout.until("paid");
    await expectPaidOnce(journey);
  });

  it("sends one prompt from two tabs, and both show the same receipt", async () => {
    const journey = await begin();
    const { checkout, simulator, phone, openAnother } = journey;
    const other = await openAnother();
    await checkout.enterPhone(phone);
    await other.enterPhone(phone);
    await checkout.pressPay();
    await other.pressPay();
    await checkout.until("prompted");
    await other.until("prompted");
    const prompt = await simulator.control.waitForPrompt(phone);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    await other.until("paid");
    expect(await other.receipt()).toBe(await checkout.receipt());
    await expectPaidOnce(journey);
  });

  it("counts down correctly on a clock that is three days slow, before and after a reload", async () => {
    const journey = await begin({ before: CLOCK_THREE_DAYS_SLOW });
    const { checkout } = journey;
    await promptOn(journey);
    await checkout.untilMatch(/^(60|5\d) seconds left$/m);
    await checkout.tab.reload();
    await checkout.untilMatch(/^(60|5\d) seconds left$/m);
    expect(journey.simulator.control.prompts).toHaveLength(1);
  });

  it("completes a payment without browser storage", async () => {
    const journey = await begin({ before: NO_STORAGE });
    const { checkout, simulator } = journey;
    await checkout.until("ready");
    await checkout.tab.click("[type=checkbox]");
    const prompt = await promptOn(journey);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    await expectPaidOnce(journey);
  });

  it("offers a remembered number for the next booking until the parent forbids it", async () => {
    const journey = await begin();
    const { checkout, simulator, service, network, phone } = journey;
    await checkout.until("ready");
    await checkout.tab.click("[type=checkbox]");
    const prompt = await promptOn(journey);
    simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    const next = await book(service.url);
    await checkout.open(network.url, next.bookingId);
    await checkout.until("ready");
    expect((await checkout.valueOf("input[type=tel]")).replaceAll(" ", "")).toBe(phone);
    await checkout.tab.click("[type=checkbox]");
    await checkout.tab.reload();
    await checkout.until("ready");
    expect(await checkout.valueOf("input[type=tel]")).toBe("");
  });
});
