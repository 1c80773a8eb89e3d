/** What every browser journey starts with: an owner's page, a whole SomoPay of its own, and a tab. */
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import { hasBrowser, type BrowserName } from "../browsers.ts";
import { book, newPhone } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { startStack, type Stack, type StackOptions } from "../fixtures.ts";
import { openBrowser, type OpenBrowser } from "../pages/browser-tab.ts";
import { CheckoutPage } from "../pages/checkout-page.ts";
import { startHostPage } from "../pages/host-page.ts";
import { SITE_ORIGIN } from "../fixtures.ts";

export type Journey = Stack & {
  checkout: CheckoutPage;
  phone: string;
  bookingId: string;
  /** Opens the page for another look at the same booking. */
  openAgain(): Promise<void>;
  expectLedgerIsDatabase(): Promise<void>;
};

type Begin = (options?: StackOptions & { lang?: "en" | "sw"; classic?: boolean }) => Promise<Journey>;

/** The same journeys in each browser that is here; an absent one is shown as skipped, and the run says why. */
export function inEachBrowser(title: string, tests: (begin: Begin, browser: BrowserName) => void): void {
  for (const name of ["Chromium", "Firefox", "WebKit"] as const) {
    describe.skipIf(!hasBrowser(name))(`${title} (${name})`, () => {
      let browser: OpenBrowser;
      beforeAll(async () => {
        browser = await openBrowser(name);
      });
      afterAll(() => browser.close());
      tests((options) => begin(browser, options), name);
    });
  }
}

async function begin(browser: OpenBrowser, { lang, classic, ...options }: Parameters<Begin>[0] = {}): Promise<Journey> {
  const host = await startHostPage();
  const stack = await startStack({ ...options, allowedOrigins: [host.origin, SITE_ORIGIN] });
  const tab = await browser.newTab();
  onTestFinished(async () => {
    await tab.close();
    await stack.stop();
    host.close();
  });
  const { bookingId } = await book(stack.service.url);
  const checkout = new CheckoutPage(tab, host);
  const openAgain = () => checkout.open(stack.service.url, bookingId, { ...(lang && { lang }), ...(classic && { classic }) });
  await openAgain();
  return { ...stack, checkout, phone: newPhone(), bookingId, openAgain, expectLedgerIsDatabase: () => expectLedgerIsDatabase(stack) };
}
