/** The host pages in real browsers: the widget renders on each, takes a payment, and contacts nobody but the page's site and the service. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { hasBrowser, type BrowserName } from "../e2e/browsers.ts";
import { openBrowser, type OpenBrowser, type Tab } from "../e2e/pages/browser-tab.ts";
import { newPhone } from "../e2e/factories/calls.ts";
import { PUBLISHABLE_KEY, SECRET_KEY, startStack } from "../e2e/fixtures.ts";
import { freePort } from "../e2e/servers/free-port.ts";
import { startDemoSite } from "./src/demo-site.ts";
import { everyScreen } from "../widget/screens/every-screen.ts";
import { bundleReactHost } from "./src/hosts/react-bundle.ts";
import { hosts } from "./src/hosts/hosts-router.ts";
import type { Listening } from "./src/listen.ts";

const TIMEOUT_MS = 60_000;

let stack: Awaited<ReturnType<typeof startStack>>;
let site: Listening;
let siteUrl: string;
let serviceUrl: string;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "somopay-hosts-"));
  const port = await freePort();
  siteUrl = `http://localhost:${port}`;
  stack = await startStack({ allowedOrigins: [siteUrl, `http://127.0.0.1:${port}`] });
  serviceUrl = stack.service.url;
  site = await startDemoSite({
    port,
    host: "127.0.0.1",
    serviceUrl,
    publishableKey: PUBLISHABLE_KEY,
    secretKey: SECRET_KEY,
    phoneUrl: null,
    dataDir,
  });
}, TIMEOUT_MS);
afterAll(async () => {
  await site.stop();
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const shows = (status: string) => `document.querySelector("somo-pay")?.status === ${JSON.stringify(status)}`;

async function enterPin(phone: string): Promise<void> {
  const prompt = await stack.simulator.control.waitForPrompt(phone);
  stack.simulator.control.pay(prompt.checkoutRequestId);
}

async function expectPaidOn(tab: Tab): Promise<void> {
  const phone = newPhone();
  await tab.until(shows("ready"), `the screen "ready"`);
  await tab.type("input[type=tel]", phone);
  await tab.click("button[type=submit]");
  await enterPin(phone);
  await tab.until(shows("paid"), `the screen "paid"`);
}

/** Errors and policy violations that the page reported. Only Playwright can collect them. */
/** Playwright's browsers only: WebDriver, which drives WebKit, cannot read the console. */
function complaintsOf({ page }: Tab): string[] {
  const complaints: string[] = [];
  if (!page) throw new Error("The console of this browser cannot be read.");
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  return complaints;
}

/** Words that appear only in this state, or that differ from a similar one. */
const wordsOfStates: Readonly<Record<string, string>> = {
  details: "Date",
  "details-slots": "When",
  "details-error": "Enter your name",
  button: "Pay KES",
  link: "Pay KES",
  ready: "we never see it",
  "phone-error": "Enter a full Safaricom number, for example 0712 345 678",
  sending: "Sending the prompt…",
  prompted: "Check your phone and enter your M-Pesa PIN",
  "prompted-20s": "No prompt?",
  confirming: "This page updates by itself",
  "confirming-code": "M-Pesa code from the SMS",
  paid: "Payment received",
  refunded: "This payment was refunded",
  "paid-surplus": "You paid KES 500 more than the price",
  "paid-lapsed": "This time is no longer free",
  "paid-cancelled": "This booking was cancelled: Amani Tutors will agree",
  "ready-partial": "Pay KES 500 with M-Pesa",
  "prompted-partial": "It asks for KES 500, account AMANI-1042",
  "failed-partial": "No money was taken this time",
  "failed-unknown-partial": "KES 1,000 received, KES 500 to go",
  "manual-partial": "KES 1,000 received, KES 500 to go",
  lapsed: "The time to pay is over",
  "lapsed-again": "Book again, or contact",
  "lapsed-code": "If you entered your PIN, your money is not lost",
  "lapsed-partial": "KES 1,000 was received",
  "cancelled-unpaid": "No money was taken",
  "cancelled-prompted": "do not enter your PIN",
  "refused-too-soon": "Try again in 40 seconds",
  "failed-cancelled": "The payment was cancelled on the phone",
  "failed-wrong_pin": "The PIN was not right",
  "failed-pin_locked": "Your M-Pesa PIN is locked",
  "failed-insufficient_funds": "There is not enough money in your M-Pesa",
  "failed-limit": "This is over your M-Pesa limit",
  "failed-no_answer": "We did not get an answer from your phone",
  "failed-unreachable": "Your phone could not be reached",
  "failed-expired": "The time to enter your PIN ran out",
  "failed-rejected": "M-Pesa did not accept this payment",
  "failed-busy": "M-Pesa is busy",
  "refused-429": "Too many tries",
  "refused-lost": "We could not reach the payment service",
  "failed-unknown": "We could not confirm the payment",
  "failed-share": "Ask someone else to pay, by WhatsApp",
  "failed-code-possible": "At the start of the SMS",
  "failed-code-checking": "We are checking this code with M-Pesa…",
  "failed-code-not_found": "M-Pesa does not know this code",
  "failed-code-not_this_payment": "This code is for another payment",
  "failed-code-used": "This code has been used already",
  "failed-code-unanswered": "M-Pesa did not answer",
  manual: "Waiting for your payment…",
  "manual-till": "Till number",
  "manual-open": "If you have entered your PIN already",
  "manual-code": "I have paid",
  "failed-misconfigured": "This site cannot take M-Pesa right now",
  "refused-422": "The price on this page does not match your booking",
  "refused-403": "This page cannot take payments yet",
  missing: "We could not find this booking",
};

/** One browser for the surrounding block of tests; each tab closes after its test. */
function tabsOf(name: BrowserName): () => Promise<Tab> {
  let browser: OpenBrowser;
  beforeAll(async () => {
    browser = await openBrowser(name);
  }, TIMEOUT_MS);
  afterAll(() => browser.close());
  return async () => {
    const tab = await browser.newTab();
    onTestFinished(() => tab.close());
    return tab;
  };
}

describe.each(["Chromium", "Firefox", "WebKit"] as const)("%s", { timeout: TIMEOUT_MS }, (name) => {
  const hasConsole = name !== "WebKit";
  describe.skipIf(!hasBrowser(name))("on an owner's page", () => {
    const newTab = tabsOf(name);

    it("a button opens the payment as a dialog", async () => {
      const tab = await newTab();
      await tab.open(`${siteUrl}/hosts/button`);
      await tab.until(shows("ready"), `the screen "ready"`);
      await tab.click("[part~=trigger]");
      await tab.until(`document.querySelector("somo-pay").shadowRoot.querySelector("dialog")?.open === true`, "the dialog");
      await expectPaidOn(tab);
    });

    it("the widget books by itself, without a server", async () => {
      const tab = await newTab();
      await tab.open(`${siteUrl}/hosts/form`);
      await tab.until(shows("details"), `the screen "details"`);
      await tab.type("input[name=parentName]", "Wanjiru Kamau");
      await tab.type("input[name=childName]", "Amani");
      await tab.type("input[name=email]", "wanjiru@example.com");
      // Each browser has its own way to type a date.
      await tab.read(`(() => {
        const root = document.querySelector("somo-pay").shadowRoot;
        for (const [name, value] of [["date", "2030-12-08"], ["time", "10:00"]]) {
          const field = root.querySelector("input[name=" + name + "]");
          field.value = value;
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }
        return true;
      })()`);
      await tab.click("button[type=submit]");
      await expectPaidOn(tab);
    });

    it("with the script twice on a page, nothing breaks", async () => {
      const tab = await newTab();
      const complaints = hasConsole ? complaintsOf(tab) : undefined;
      await tab.open(`${siteUrl}/hosts/two-versions`);
      await expectPaidOn(tab);
      expect(complaints ?? []).toEqual([]);
    });

    it("a frame of another origin takes a payment", async () => {
      const tab = await newTab();
      await tab.open(`${siteUrl}/hosts/iframe`);
      const frame = await tab.inFrame();
      await frame.until(shows("ready"), `the screen "ready"`);
      expect(await frame.read("origin")).not.toBe(siteUrl);
      const phone = newPhone();
      const inWidget = (selector: string) => `document.querySelector("somo-pay").shadowRoot.querySelector(${JSON.stringify(selector)})`;
      await frame.read(`${inWidget("input[type=tel]")}.value = ${JSON.stringify(phone)}`);
      await frame.read(`${inWidget("button[type=submit]")}.click()`);
      await enterPin(phone);
      await frame.until(`!!${inWidget("[part~=receipt-code]")}`, "the receipt");
    });

    it.each(hosts.filter(({ path }) => path !== "iframe"))(
      hasConsole ? "$path shows it, whole and without a complaint" : "$path shows it, whole (its console cannot be read)",
      async ({ path, pays, books }) => {
        const tab = await newTab();
        const complaints = hasConsole ? complaintsOf(tab) : undefined;
        await tab.open(`${siteUrl}/hosts/${path}`);
        const all = `[...document.querySelectorAll("somo-pay")]`;
        await tab.until(`${all}.length > 0 && ${all}.every(({ status }) => status !== undefined && status !== "loading")`, "every widget");
        const tooWide = `${all}.filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length`;
        expect(await tab.read(tooWide)).toBe(0);
        if (pays) expect(await tab.read(shows(books ? "details" : "ready"))).toBe(true);
        // The developer pages use a stream that ends at once, which Firefox logs.
        const looks =
          path === "states"
            ? /"missing"|404|403|409|422|429|ERR_EMPTY|allowedOrigins|amount attribute|establish a connection/
            : /establish a connection/;
        const expected = pays ? /^$/ : looks;
        if (complaints) expect(complaints.filter((complaint) => !expected.test(complaint))).toEqual([]);
      },
    );

    it("every state shows its own words", async () => {
      const tab = await newTab();
      await tab.open(`${siteUrl}/hosts/states`);
      expect(Object.keys(wordsOfStates).toSorted()).toEqual(
        everyScreen()
          .map(({ name }) => name)
          .toSorted(),
      );
      for (const [name, words] of Object.entries(wordsOfStates)) {
        const shown = `document.getElementById(${JSON.stringify(name)}).querySelector("somo-pay").shadowRoot.querySelector("[part~=card], [part~=trigger]").innerText`;
        await tab.until(`${shown}.replaceAll("\u00a0", " ").includes(${JSON.stringify(words)})`, `"${words}" in ${name}`);
      }
      expect(await tab.read("scrollY")).toBe(0);
    });

    it.each(["wordpress", "react", "sidebar", "strict-csp", "trusted-types", "pinned", "events"])("%s takes a payment", async (path) => {
      const tab = await newTab();
      await tab.open(`${siteUrl}/hosts/${path}`);
      await expectPaidOn(tab);
      if (path === "react")
        await tab.until(`document.querySelector("h1")?.textContent?.startsWith("Thank you!")`, "React's own word of it");
      if (path === "events") expect(await tab.read(`document.querySelector("#log").textContent.includes("payment-confirmed")`)).toBe(true);
    });
  });
});

describe.each(["Chromium", "Firefox"] as const)("%s", { timeout: TIMEOUT_MS }, (name) => {
  describe.skipIf(!hasBrowser(name))("watched from outside", () => {
    const newTab = tabsOf(name);

    it("the card does not inherit an old theme's text styles", async () => {
      const tab = await newTab();
      await tab.open(`${siteUrl}/hosts/wordpress`);
      await tab.until(shows("ready"), `the screen "ready"`);
      const style = `(({ fontSize, letterSpacing, wordSpacing, textAlign, textTransform }) => ({ fontSize, letterSpacing, wordSpacing, textAlign, textTransform }))(getComputedStyle(document.querySelector("somo-pay").shadowRoot.querySelector("label[part~=label]")))`;
      const none = {
        fontSize: "16px",
        letterSpacing: "normal",
        wordSpacing: expect.stringMatching(/^(?:normal|0px)$/),
        textAlign: "start",
        textTransform: "none",
      };
      expect(await tab.read(style)).toEqual(none);
    });

    it("takes a payment in React 18", async () => {
      // e2e/ has React 18 installed; the page itself uses 19.
      const script = (await bundleReactHost(join(import.meta.dirname, "../e2e"))) ?? "";
      expect(script).toContain("18.3.1");
      const tab = await newTab();
      await tab.page!.route("**/hosts/react.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }));
      const complaints = complaintsOf(tab);
      await tab.open(`${siteUrl}/hosts/react`);
      await expectPaidOn(tab);
      await tab.until(`document.querySelector("h1")?.textContent?.startsWith("Thank you!")`, "React's own word of it");
      expect(complaints).toEqual([]);
    });

    it("contacts only the page's site and the service, and sets no cookie, during a whole payment", async () => {
      const tab = await newTab();
      const context = tab.page!.context();
      const asked: string[] = [];
      context.on("request", (request) => asked.push(request.url()));
      // This page has no policy, so nothing is blocked.
      await tab.open(`${siteUrl}/hosts/wordpress`);
      await expectPaidOn(tab);
      const serviceCalls = asked.filter((url) => url.startsWith(serviceUrl)).map((url) => new URL(url).pathname);
      expect(serviceCalls).toEqual(expect.arrayContaining(["/widget.js", "/api/pay/mpesa"]));
      expect(asked.filter((url) => ![siteUrl, serviceUrl].includes(new URL(url).origin))).toEqual([]);
      expect(await context.cookies()).toEqual([]);
      expect(await tab.read("document.cookie")).toBe("");
    });
  });
});
