import { existsSync } from "node:fs";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe } from "vitest";
import { absentBrowsers, launchChromium } from "../../e2e/browsers.ts";
import { CheckoutPage } from "./checkout-page.ts";
import type { OpenOptions } from "./checkout-page.ts";
import { FakeService } from "./fake-service.ts";
import { startHostPage } from "./host-page.ts";
import type { HostPage } from "./host-page.ts";

const absence = absentBrowsers().find(({ name }) => name === "Chromium")?.reason;
if (!existsSync(new URL("../dist/somo-pay.js", import.meta.url))) throw new Error("Build the widget first: npm run build -w widget");

export interface InBrowser {
  browser: () => Browser;
  service: FakeService;
  open: (options: OpenOptions) => Promise<CheckoutPage>;
}

/** Tests with a real browser, an owner's page and a fake service; without a browser they are skipped, and the name says why. */
export function describeInBrowser(name: string, tests: (set: InBrowser) => void): void {
  describe.skipIf(absence !== undefined)(absence === undefined ? name : `${name} (${absence})`, () => {
    let browser: Browser | undefined;
    let host: HostPage | undefined;
    const service = new FakeService();
    beforeAll(async () => {
      await service.start();
      host = await startHostPage(service.origin);
      browser = await launchChromium();
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await host?.stop();
      await service.stop();
    });
    tests({
      browser: () => {
        if (!browser) throw new Error("The browser has not started.");
        return browser;
      },
      service,
      open: (options) => {
        if (!browser || !host) throw new Error("The browser has not started.");
        return CheckoutPage.open(browser, host, options);
      },
    });
  });
}
