/** The phone page in a real browser: by keyboard and by keypad, in light and dark, without requests to other origins. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { PHONE, scene } from "./testing.ts";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(createRequire(require.resolve("@axe-core/playwright")).resolve("axe-core/axe.min.js"), "utf8");
const axeResults = z.object({ violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })) });

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (executablePath === undefined) console.warn("SKIPPED phone-page.test.ts: no Chromium is installed (apt-get install chromium).");

describe.skipIf(executablePath === undefined)("the phone page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox", "--disable-background-networking"] });
  });
  afterAll(() => browser.close());

  async function opened(path = `/${PHONE}`, colorScheme: "light" | "dark" = "light") {
    const all = await scene();
    const page = await browser.newPage({ viewport: { width: 360, height: 720 }, colorScheme });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
    page.on("request", (request) => {
      if (!request.url().startsWith(all.daraja.url) && !request.url().startsWith("data:")) problems.push(`asked ${request.url()}`);
    });
    await page.goto(all.daraja.phonePageUrl + path);
    return { ...all, page, problems };
  }

  const done = async (page: Page, problems: string[]) => {
    await page.close();
    expect(problems).toEqual([]);
  };

  test("pays by keyboard: the prompt takes the focus, the PIN is not readable, the SMS and the balance follow", async () => {
    const { page, problems, caller, shop, control } = await opened();
    const id = await caller.pushed(shop.callbackUrl);
    const prompt = page.getByRole("dialog", { name: "M-PESA" });
    await prompt.waitFor();
    expect(await prompt.textContent()).toContain("Do you want to pay KES 1,500 to AMANI TUTORS Account 7K3MWQX2?");
    const security = await page
      .locator("#prompt-pin")
      .evaluate((field) => getComputedStyle(field).getPropertyValue("-webkit-text-security"));
    expect(security).toBe("disc");
    await page.keyboard.type("12a34");
    await page.keyboard.press("Enter");
    await page.getByText("KES 98,500").first().waitFor();
    await page.locator("#newest-messages").getByText("Confirmed. Ksh1,500.00 sent to AMANI TUTORS").waitFor();
    expect(await prompt.isVisible()).toBe(false);
    expect((await control.waitForDelivery(id)).status).toBe(200);
    await done(page, problems);
  });

  test("pays with the keypad, cancels with Escape", async () => {
    const { page, problems, caller, shop, control } = await opened();
    const paid = await caller.pushed(shop.callbackUrl);
    for (const key of ["1", "2", "5", "Delete", "3", "4"]) await page.getByRole("button", { name: key, exact: true }).click();
    await page.locator("#keypad").getByRole("button", { name: "OK" }).click();
    expect((await control.waitForOutcome(paid)).code).toBe("0");
    const cancelled = await caller.pushed(shop.callbackUrl);
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    expect((await control.waitForOutcome(cancelled)).code).toBe("1032");
    await done(page, problems);
  });

  test("goes offline and is unlocked in Settings", async () => {
    const { page, problems, control } = await opened();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("switch", { name: "Signal" }).click();
    await page.getByText("No signal", { exact: true }).waitFor();
    expect(control.phone(PHONE).online).toBe(false);
    control.setPhone(PHONE, { pinLocked: true });
    await page.getByRole("button", { name: "Unlock PIN" }).click();
    await page.getByRole("button", { name: "Unlock PIN" }).waitFor({ state: "hidden" });
    expect(control.phone(PHONE).pinLocked).toBe(false);
    await done(page, problems);
  });

  test("pays a paybill by hand with the numbers that a shop filled in", async () => {
    const { page, problems, control } = await opened(`/${PHONE}?payTo=174379&account=7K3MWQX2&amount=1500`);
    await page.getByLabel("M-PESA PIN").and(page.locator("[name=pin]")).fill("1234");
    await page.locator("#pay-form").getByRole("button", { name: "Pay" }).click();
    await page.getByText("KES 98,500").first().waitFor();
    expect(control.ledger).toMatchObject([{ kind: "c2b", accountReference: "7K3MWQX2", amountKes: 1500 }]);
    await done(page, problems);
  });

  test("opens a number from the list of phones, and says when it is none", async () => {
    const { page, problems } = await opened("");
    await page.getByLabel("Phone number").fill("12");
    await page.getByRole("button", { name: "Open this phone" }).click();
    await page.getByText("Enter a number like").waitFor();
    await page.getByLabel("Phone number").fill("0708 374 149");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/phone/${PHONE}`);
    expect(await page.getByText("Enter a number like").count()).toBe(0);
    await done(page, problems);
  });

  test.each(["light", "dark"] as const)("has nothing that keeps people out, in %s", async (scheme) => {
    const { page, problems, caller, shop } = await opened(`/${PHONE}`, scheme);
    await page.evaluate(axeSource);
    const check = async (name: string) => {
      // Otherwise axe would measure colours in the middle of a transition.
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
      const { violations } = axeResults.parse(await page.evaluate("axe.run()"));
      expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    };
    for (const view of ["Home", "Messages", "Pay", "Settings"]) {
      await page.getByRole("navigation").getByRole("button", { name: view }).click();
      await check(view);
    }
    await caller.pushed(shop.callbackUrl);
    await page.getByRole("dialog").waitFor();
    await check("prompt");
    await done(page, problems);
  });
});
