/** What every browser journey starts with: an owner's page, a SomoPay deployment, and a tab. */
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import { hasBrowser, type BrowserName } from "../browsers.ts";
import { book, newPhone } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { startStack, type Stack, type StackOptions } from "../fixtures.ts";
import { openBrowser, type OpenBrowser } from "../pages/browser-tab.ts";
import { CheckoutPage } from "../pages/checkout-page.ts";
import { startHostPage, type HostPageOptions } from "../pages/host-page.ts";
import { startPhoneNetwork, type PhoneNetwork } from "../pages/phone-network.ts";
import { SITE_ORIGIN } from "../fixtures.ts";

export type Journey = Stack & {
  checkout: CheckoutPage;
  phone: string;
  bookingId: string;
  network: PhoneNetwork;
  /** Opens the page of the same booking again. */
  openAgain(): Promise<void>;
  /** Opens the same page in a tab beside it, or the page of another booking. */
  openAnother(bookingId?: string): Promise<CheckoutPage>;
  expectLedgerIsDatabase(): Promise<void>;
};

type Begin = (options?: StackOptions & HostPageOptions) => Promise<Journey>;

/** Runs the same journeys in each installed browser. Those in a missing browser are skipped, and the run says why. */
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

async function begin(
  browser: OpenBrowser,
  { lang, classic, before, sessionType, ...options }: Parameters<Begin>[0] = {},
): Promise<Journey> {
  const host = await startHostPage();
  const stack = await startStack({ ...options, allowedOrigins: [host.origin, SITE_ORIGIN] });
  const network = await startPhoneNetwork(stack.service.url);
  onTestFinished(async () => {
    network.stop();
    await stack.stop();
    host.close();
  });
  const { bookingId } = await book(stack.service.url);
  const page = { ...(lang && { lang }), ...(classic && { classic }), ...(before && { before }), ...(sessionType && { sessionType }) };
  const newPage = async (): Promise<CheckoutPage> => {
    const tab = await browser.newTab();
    onTestFinished(() => tab.close());
    return new CheckoutPage(tab, host);
  };
  const checkout = await newPage();
  const openAgain = () => checkout.open(network.url, bookingId, page);
  const openAnother = async (id = bookingId): Promise<CheckoutPage> => {
    const another = await newPage();
    await another.open(network.url, id, page);
    return another;
  };
  await openAgain();
  return {
    ...stack,
    checkout,
    phone: newPhone(),
    bookingId,
    network,
    openAgain,
    openAnother,
    expectLedgerIsDatabase: () => expectLedgerIsDatabase(stack),
  };
}
