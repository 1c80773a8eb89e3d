/** How the dashboard behaves under the hand: keyboard, questions, what is refused, and what cannot be fetched. */
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../browsers.ts";
import { book, newPhone, view } from "../factories/calls.ts";
import { payByHand, registerPaybill } from "../factories/paybill.ts";
import { newMember, signIn, newBrowser, PASSWORD } from "../factories/people.ts";
import { openAccount, SECRETS_KEY } from "../factories/own-account.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { until } from "../factories/until.ts";
import { stackForTest, type Stack } from "../fixtures.ts";
import { newDashboard, useSession, type DashboardPage } from "../pages/dashboard-page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function openAs(stack: Stack, role: "viewer" | "manager" | "owner"): Promise<DashboardPage> {
  const dashboard = await newDashboard(browser, stack.service);
  await useSession(dashboard, await newMember(stack.service, role));
  return dashboard;
}

describe("the dashboard", () => {
  it("is used with the keyboard alone: a new page's heading has the focus, and Tab goes on from there", async () => {
    const stack = await stackForTest();
    const { childName } = { childName: "Mwende Mutua" };
    await book(stack.service.url, { childName });
    const dashboard = await openAs(stack, "viewer");
    const { page } = dashboard;
    await dashboard.open();
    await page.getByRole("searchbox").focus();
    await page.keyboard.type("mwen");
    await page.keyboard.press("Enter");
    await dashboard.heading("Search").waitFor();
    await page.getByText(childName).waitFor();
    await until("the heading's focus", async () => (await page.evaluate("document.activeElement.localName")) === "h1");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await dashboard.heading(new RegExp(childName)).waitFor();
    await page.goBack();
    await dashboard.heading("Search").waitFor();
  });

  it("asks for who is signed in and for the day's numbers once each, before its script is there", async () => {
    const stack = await stackForTest();
    const dashboard = await openAs(stack, "owner");
    const asked: string[] = [];
    dashboard.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await dashboard.open();
    await dashboard.page.getByText("Received today").waitFor();
    const orderOf = (path: RegExp): number[] => asked.flatMap((one, index) => (path.test(one) ? [index] : []));
    expect([orderOf(/^\/dashboard\/session$/).length, orderOf(/\/overview$/).length]).toEqual([1, 1]);
    expect(dashboard.complaints).toEqual([]);
  });

  it("speaks the other language at once, the service's sentences too", async () => {
    const stack = await stackForTest();
    const { bookingId } = await book(stack.service.url);
    const dashboard = await openAs(stack, "manager");
    await dashboard.open(`/bookings/${bookingId}`);
    await dashboard.page.getByText("The booking was made by Wanjiru Kamau").waitFor();
    await dashboard.button("SW").click();
    await dashboard.page.getByText("Wanjiru Kamau aliweka nafasi kwa ajili ya Amani Kamau").waitFor();
    await dashboard.button("Hamisha").click();
    expect(await dashboard.question.innerText()).toContain("Kipindi cha Jumanne, 9 Desemba 2036, 10:00 kitasubiri malipo yake");
  });

  it("does nothing if a question is left by Escape", async () => {
    const stack = await stackForTest({ initiator: true });
    const { booking, prompt } = await startPaying(stack);
    await enterPin(stack, prompt);
    await until("the session", async () => (await view(stack.service.url, booking.bookingId)).booking_status === "booked");
    const dashboard = await openAs(stack, "manager");
    await dashboard.open(`/bookings/${booking.bookingId}`);
    await dashboard.button("Refund").click();
    await dashboard.question.waitFor();
    await dashboard.page.keyboard.press("Escape");
    await dashboard.question.waitFor({ state: "detached" });
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({ payment_status: "paid", booking_status: "booked" });
  });

  it("offers what can be done about a booking beside the item that waits", async () => {
    const stack = await stackForTest({ initiator: true });
    await registerPaybill(stack);
    const { bookingId, reference } = await book(stack.service.url);
    await payByHand(stack, { phone: newPhone(), accountNumber: reference, amountKes: 1_000 });
    await until("the part", async () => (await view(stack.service.url, bookingId)).payment_status === "partial");
    const dashboard = await openAs(stack, "manager");
    await dashboard.open("/attention");
    await dashboard.page.getByText("KES 1,000 of KES 1,500 paid").waitFor();
    await dashboard.button("What you can do").click();
    await dashboard.button("Refund KES 1,000").click();
    expect(await dashboard.question.innerText()).toContain("nothing is paid for this booking then");
    await dashboard.answer({ "Why?": "She moves away" }, "Refund");
    await until("the money to be back", async () => (await view(stack.service.url, bookingId)).payment_status !== "partial");
  });

  it("takes an M-Pesa account with its initiator, and says what is missing of it", async () => {
    const stack = await stackForTest({ environment: { SECRETS_KEY } });
    const { initiator, shortcode, consumerKey, consumerSecret, passkey } = openAccount(stack);
    if (!initiator) throw new Error("the account has no initiator");
    const dashboard = await openAs(stack, "owner");
    await dashboard.open("/settings/mpesa");
    await dashboard.page.getByText("Not from here: the account has no initiator").waitFor();
    await dashboard.button("Change the M-Pesa account").click();
    const { question } = dashboard;
    const account = {
      "Paybill or store number": shortcode,
      "Consumer key": consumerKey,
      "Consumer secret": consumerSecret,
      Passkey: passkey,
    };
    for (const [label, value] of Object.entries({ ...account, "Safaricom's certificate": initiator.certificate }))
      await question.getByLabel(label).fill(value);
    await question.getByRole("button", { name: "Change the M-Pesa account" }).click();
    expect(await question.getByRole("alert").innerText()).toContain("initiator");
    await dashboard.answer(
      { "Initiator (optional)": initiator.name, "Initiator's password": initiator.password },
      "Change the M-Pesa account",
    );
    await dashboard.page.getByText("Possible from here").waitFor();
    expect(await dashboard.text()).toContain(shortcode);
  });

  it("moves a booking, and cancels it", async () => {
    const stack = await stackForTest();
    const { bookingId } = await book(stack.service.url);
    const dashboard = await openAs(stack, "manager");
    await dashboard.open(`/bookings/${bookingId}`);
    await dashboard.button("Move").click();
    expect(await dashboard.question.innerText()).toContain("Tuesday, 9 December 2036, 10:00");
    await dashboard.answer({ Date: "2036-12-10", Time: "15:00", "Why?": "She has a match" }, "Move");
    await dashboard.page.getByText("Wednesday 10 December 2036, 15:00").waitFor();
    await dashboard.button("Cancel the booking").click();
    await dashboard.answer({ "Why?": "She called" }, "Cancel the booking");
    await until("the end", async () => (await view(stack.service.url, bookingId)).booking_status === "cancelled");
  });

  it("keeps what was typed if the service refuses, and says why", async () => {
    const stack = await stackForTest();
    const dashboard = await openAs(stack, "owner");
    await dashboard.open("/settings/website");
    await dashboard.button("Change").click();
    const { question } = dashboard;
    await question.getByLabel("Addresses of your website").fill("amani.example");
    await question.getByRole("button", { name: "Save" }).click();
    await question.getByRole("alert").waitFor();
    expect(await question.getByLabel("Addresses of your website").inputValue()).toBe("amani.example");
  });

  it("asks for the password before a new key, above the question that it belongs to", async () => {
    const stack = await stackForTest();
    const { email } = await newMember(stack.service, "owner");
    const later = newBrowser(stack.service);
    expect((await signIn(later, email)).status).toBe(200);
    // The password counts for a quarter of an hour.
    stack.clock.advance(20 * 60_000);
    const dashboard = await newDashboard(browser, stack.service);
    await useSession(dashboard, { browser: later });
    await dashboard.open("/settings/keys");
    await dashboard.button("Add a key").click();
    await dashboard.question.getByLabel("What is it for?").fill("The school's server");
    await dashboard.question.getByRole("button", { name: "Add a key" }).click();
    const password = dashboard.page.getByRole("dialog", { name: "Your password again" });
    await password.getByLabel("Password").fill(PASSWORD);
    await password.getByRole("button", { name: "Continue" }).click();
    await dashboard.question.waitFor({ state: "detached" });
    await dashboard.page.getByText("It is shown only this once.").waitFor();
    expect(await dashboard.page.locator(".copyable pre").innerText()).toMatch(/^sk_/);
  });

  it("says so if a part of it cannot be fetched, and if the network is away", async () => {
    const stack = await stackForTest();
    const dashboard = await openAs(stack, "viewer");
    const { page } = dashboard;
    await page.route("**/assets/settings-page-*", (route) => route.abort());
    await dashboard.open();
    await dashboard.link("Settings").click();
    await page.getByText("This page did not load.").waitFor();
    await page.route("**/api/v1/payments*", (route) => route.abort());
    await dashboard.link("Payments").click();
    await page.getByText("You are offline").waitFor();
    await page.unroute("**/api/v1/payments*");
    await dashboard.button("Try again").click();
    await page.getByText("No payments here yet.").waitFor();
  });
});
