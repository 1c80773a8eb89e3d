/** The dashboard in a browser: a new owner's first day, a manager's morning, and somebody who may only look. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { launchChromium } from "../browsers.ts";
import { book, bookingWish, newPhone, view } from "../factories/calls.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { callApi, newMember } from "../factories/people.ts";
import { readRows } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { nairobiDate } from "../../service/src/platform/nairobi-day.ts";
import { SITE_ORIGIN, stackForTest, type Stack } from "../fixtures.ts";
import { join, newDashboard, useSession } from "../pages/dashboard-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** A file on the owner's web server: nothing but what they pasted. */
async function plainPage(): Promise<{ origin: string; paste(html: string): void }> {
  let pasted = "";
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
      .end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Amani Tutors</title>${pasted}</html>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the page listens on no port");
  return { origin: `http://127.0.0.1:${address.port}`, paste: (html) => void (pasted = html) };
}

/** Somebody's paid booking. */
async function paid(stack: Stack, wish: object = {}) {
  const paying = await startPaying(stack, { wish });
  const receipt = await enterPin(stack, paying.prompt);
  await paying.stream.untilStatus("paid");
  return { ...paying, receipt };
}

describe("the dashboard", () => {
  it("takes a new owner from the invitation to the first paid booking on a plain page", async () => {
    const shop = await plainPage();
    const stack = await stackForTest();
    const dashboard = await newDashboard(browser, stack.service);
    const { page } = dashboard;
    await join(dashboard, stack.service, "owner");
    expect(await dashboard.text()).toContain("No payment yet");

    await dashboard.open("/settings/prices");
    await dashboard.button("Add a lesson").click();
    expect(await dashboard.question.innerText()).toContain("Bookings that exist keep theirs");
    await dashboard.answer({ Code: "swimming-45", Lesson: "Swimming", "Price in KES": "900", Minutes: "45" }, "Save");
    await page.getByText("Swimming").first().waitFor();

    await dashboard.open("/settings/website");
    await dashboard.button("Change").click();
    expect(await dashboard.question.innerText()).toContain("Only pages at these addresses");
    await dashboard.answer({ "Addresses of your website": `${SITE_ORIGIN}\n${shop.origin}` }, "Save");
    await page.getByText(shop.origin).waitFor();
    await page.getByLabel("Lesson").selectOption({ label: "Swimming" });
    shop.paste(await page.locator("pre", { hasText: "swimming-45" }).innerText());
    await dashboard.open();
    const parent = await page.context().newPage();
    await parent.goto(shop.origin);
    const { date, time, parentName, childName, email } = bookingWish;
    for (const [name, value] of Object.entries({ parentName, childName, email, date, time }))
      await parent.locator(`[name=${name}]`).fill(value);
    await parent.locator("button[type=submit]").click();
    const phoneNumber = newPhone();
    await parent.locator("input[type=tel]").fill(phoneNumber);
    await parent.locator("button[type=submit]").click();
    await enterPin(stack, await stack.simulator.control.waitForPrompt(phoneNumber));
    await parent.getByText("Payment received").first().waitFor();

    // The page that was open all the time hears of it.
    await dashboard
      .link(new RegExp(`${parentName}.*KES\\s900.*Booked`))
      .first()
      .click();
    await dashboard.heading(new RegExp(childName)).waitFor();
    await dashboard.ready();
    expect(await dashboard.text()).toContain(stack.simulator.ledger[0]?.receipt);
    expect(await dashboard.text()).toContain("The session was booked.");
    expect(dashboard.complaints).toEqual([]);
  });

  it("is a manager's morning: what waits, one assignment, one refund, the day on paper", async () => {
    const stack = await stackForTest({ initiator: true });
    await registerPaybill(stack);
    const today = nairobiDate(stack.clock.now());
    await paid(stack, { date: today, time: "23:50", childName: "Otieno Achieng" });
    const refunded = await paid(stack, { childName: "Yusuf Hassan" });
    const unpaid = await book(stack.service.url, { childName: "Mwende Mutua" });
    receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "MWENDE", amountKes: 1_500 }));
    await until("the money to be listed", async () => (await readRows(stack.service.service.database)).unassigned.length > 0);
    const dashboard = await newDashboard(browser, stack.service);
    await useSession(dashboard, await newMember(stack.service, "manager"));
    await dashboard.open();

    await dashboard.page
      .locator("main")
      .getByRole("link", { name: /1 thing waits for you/ })
      .click();
    await dashboard.button("Assign to a booking").click();
    expect(await dashboard.question.innerText()).toContain("If that pays it in full, its session is booked.");
    await dashboard.answer({ Reference: unpaid.reference, "Why?": "She typed the child's name" }, "Assign to a booking");
    await dashboard.page.getByText("Nothing waits for you.").waitFor();
    expect(await view(stack.service.url, unpaid.bookingId)).toMatchObject({ booking_status: "booked" });

    await dashboard.search(refunded.receipt);
    await dashboard.link(/Yusuf Hassan/).click();
    await dashboard.button(/^Refund KES/).click();
    // What will happen is said before it does.
    expect(await dashboard.question.innerText()).toMatch(/KES\s?1,500/);
    await dashboard.answer({ "Why?": "The teacher is ill" }, "Refund");
    await dashboard.page.getByText("The teacher is ill").first().waitFor();
    const { bookingId } = refunded.booking;
    await until("the money to be back", async () => (await view(stack.service.url, bookingId)).payment_status === "refunded");

    await dashboard.open(`/day/${today}`);
    await dashboard.page.emulateMedia({ media: "print" });
    const sheet = dashboard.page.getByRole("table");
    expect(await sheet.innerText()).toMatch(new RegExp(`23:50[^]*Otieno Achieng`));
    expect(await dashboard.page.getByRole("navigation").isVisible()).toBe(false);
    expect(dashboard.complaints).toEqual([]);
  });

  it("lets a viewer look at everything and change nothing", async () => {
    const stack = await stackForTest({ initiator: true });
    await registerPaybill(stack);
    const { booking } = await paid(stack);
    await payByHand(stack, { phone: newPhone(), accountNumber: "NOBODY", amountKes: 700 });
    await until("the money to be listed", async () => (await readRows(stack.service.service.database)).unassigned.length > 0);
    const dashboard = await newDashboard(browser, stack.service);
    const viewer = await newMember(stack.service, "viewer");
    await useSession(dashboard, viewer);
    const offers = /refund|settle|assign|keep|move|cancel|add|change|remove|invite|replace|end now|turn|send|put aside|process|new secret/i;
    for (const path of [
      "",
      "/attention",
      "/bookings",
      "/payments",
      `/bookings/${booking.bookingId}`,
      "/settings/prices",
      "/settings/webhooks",
      "/settings/staff",
    ]) {
      await dashboard.open(path);
      expect([path, await dashboard.page.locator("main").getByRole("button", { name: offers }).allInnerTexts()]).toEqual([path, []]);
    }
    await dashboard.open("/settings");
    expect(await dashboard.page.locator("main").getByRole("link").allInnerTexts()).not.toContainEqual(
      expect.stringMatching(/M-Pesa|Secret keys/),
    );
    // Hidden buttons protect nothing: the service refuses.
    const refusals = [
      ["POST", `/bookings/${booking.bookingId}/cancel`, { reason: "no" }],
      ["PUT", "/session-types/free", { name: "Free", amount: 1, durationMinutes: 60 }],
      ["POST", "/staff", { email: "friend@example.com", role: "owner" }],
    ] as const;
    for (const [method, path, body] of refusals)
      expect(await callApi(viewer, path, { method, body })).toMatchObject({ status: 403, body: { code: "forbidden_role" } });
  });
});
