/** Every page of the dashboard: readable by everybody, on phones and desks, in both languages and themes, whatever strangers wrote into a booking. */
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../browsers.ts";
import { book, call, newPhone } from "../factories/calls.ts";
import { payByHand, registerPaybill } from "../factories/paybill.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { newMember, type Member } from "../factories/people.ts";
import { readRows } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { addEndpoint, webhookEnvironment } from "../factories/webhooks.ts";
import { nairobiDate } from "../../service/src/platform/nairobi-day.ts";
import { startStack } from "../fixtures.ts";
import { desk, newDashboard, phone, useSession, type DashboardPage } from "../pages/dashboard-page.ts";

/** A script, an image that runs one, and a sign that turns what follows around. */
const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(2)>\u202Egnp.exe`;

let browser: Browser;
let stack: Awaited<ReturnType<typeof startStack>>;
let owner: Member;
let paths: string[];

beforeAll(async () => {
  browser = await launchChromium();
  stack = await startStack({
    initiator: true,
    environment: webhookEnvironment(),
    demoOwner: { email: "owner@amani.example", name: "Njeri Wairimu", publishableKey: "pk_test_site_1" },
  });
  await registerPaybill(stack);
  const today = nairobiDate(stack.clock.now());
  const paying = await startPaying(stack, { wish: { date: today, time: "23:55", parentName: "Mama <b>Achieng</b>", childName: "Otieno" } });
  await enterPin(stack, paying.prompt);
  await paying.stream.untilStatus("paid");
  await book(stack.service.url);
  await payByHand(stack, { phone: newPhone(), accountNumber: "NOBODY", amountKes: 700 });
  await until("the money to be listed", async () => (await readRows(stack.service.service.database)).unassigned.length > 0);
  owner = await newMember(stack.service, "owner");
  const { bookingId } = paying.booking;
  const settings = ["", "/prices", "/website", "/mpesa", "/webhooks", "/keys", "/staff", "/exports", "/account"].map(
    (part) => `/settings${part}`,
  );
  paths = [
    "",
    "/attention",
    "/bookings",
    "/bookings?view=list",
    "/payments",
    "/search?q=otieno",
    `/bookings/${bookingId}`,
    `/day/${today}`,
    ...settings,
    "/nowhere",
  ];
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

async function see(dashboard: DashboardPage, path: string): Promise<unknown> {
  await dashboard.open(path);
  const { page } = dashboard;
  // Charts and lists are drawn after the heading.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  return { path, ...(await dashboard.faults()) };
}

/** Without being signed in. */
const open = ["/sign-in", "/invitation#none", "/reset#none"];
const looks = (["EN", "SW"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => [phone, desk].map((size) => ({ language, theme, size }))),
);

describe("the dashboard's pages", () => {
  it.each(looks)("are usable by everybody: $language, $theme, $size.width px", { timeout: 600_000 }, async ({ language, theme, size }) => {
    const dashboard = await newDashboard(browser, stack.service, { viewport: size, colorScheme: theme });
    const seen: unknown[] = [];
    for (const path of open) seen.push(await see(dashboard, path));
    await dashboard.button(language).click();
    await useSession(dashboard, owner);
    for (const path of paths) seen.push(await see(dashboard, path));
    expect(await dashboard.page.evaluate("document.documentElement.lang")).toBe(language.toLowerCase());
    expect(seen).toEqual([...open, ...paths].map((path) => ({ path, axe: [], tooWidePx: 0 })));
    expect(dashboard.complaints).toEqual([]);
  });

  it("offer the demo's owner to sign in by one click, where there is one", async () => {
    const dashboard = await newDashboard(browser, stack.service);
    await dashboard.open();
    await dashboard.button("Sign in as the demo's owner").click();
    await dashboard.heading("Today").waitFor();
    // Nobody knows this person's password, so nobody is asked for it.
    stack.clock.advance(16 * 60_000);
    await dashboard.open("/settings/keys");
    await dashboard.button("Add a key").click();
    await dashboard.answer({ "What is it for?": "The school's server" }, "Add a key");
    await dashboard.page.getByText("It is shown only this once.").waitFor();
    expect(dashboard.complaints).toEqual([]);
  });

  it("show what strangers wrote as text, wherever it stands", { timeout: 600_000 }, async () => {
    const names = { parentName: HOSTILE.replace("\u202E", ""), childName: "=HYPERLINK(1)" + "A".repeat(60) };
    const wish = { ...names, date: nairobiDate(stack.clock.now()), time: "23:56" };
    const answer = await call(stack.service.url, "/api/bookings", { body: { sessionType: "maths-1h", email: "x@example.com", ...wish } });
    expect(answer.status).toBe(201);
    const { bookingId } = answer.body as { bookingId: string };
    await payByHand(stack, { phone: newPhone(), accountNumber: "<script>alert(3)", amountKes: 700 });
    await addEndpoint(stack.service.url, { url: "https://example.com/?<script>alert(4)</script>" });
    const dashboard = await newDashboard(browser, stack.service);
    await useSession(dashboard, owner);
    for (const path of [...paths, `/bookings/${bookingId}`, `/search?q=${encodeURIComponent(HOSTILE)}`, `/search?q=${"Z".repeat(1_000)}`]) {
      await dashboard.open(path);
      const { page } = dashboard;
      const strange = await page.locator("main script, main img, main [onerror]").count();
      const tooWidePx = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect({ path, strange, tooWidePx }).toEqual({ path, strange: 0, tooWidePx: 0 });
    }
    await dashboard.open(`/bookings/${bookingId}`);
    expect(await dashboard.text()).toContain("<script>alert(1)</script>");
    expect(dashboard.complaints).toEqual([]);
  });
});
