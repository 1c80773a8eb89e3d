/** One tab of any browser, as a parent uses it: one interface over Playwright and WebDriver. */
import type { Browser, BrowserContext, Frame, Page } from "playwright";
import { error, Key, type WebDriver, type WebElement } from "selenium-webdriver";
import { launchChromium, launchFirefox, launchWebKit, type BrowserName, type WebKitSession } from "../browsers.ts";

/** The limit for all waits; a busy machine needs a few seconds. */
const WAIT_MS = 20_000;
const LOOK_EVERY_MS = 50;

export type KeyName = "Tab" | "Enter" | "Space";

/** Selectors name elements inside the widget's shadow root. */
export type Tab = {
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  click(selector: string): Promise<void>;
  doubleClick(selector: string): Promise<void>;
  /** Types into the field that the selector names, key by key. */
  type(selector: string, text: string): Promise<void>;
  /** Types into whatever has the focus. */
  typeHere(text: string): Promise<void>;
  press(key: KeyName): Promise<void>;
  /** The value of a JavaScript expression in the page. */
  read(expression: string): Promise<unknown>;
  /** Waits until the expression is true. The error contains `what` and what the page shows instead. */
  until(expression: string, what: string): Promise<void>;
  /** The content of this page's only frame. Do not click or type in it: Firefox's driver sends clicks and keys to the outer page. */
  inFrame(): Promise<Tab>;
  /** Playwright's page where there is one: for axe. */
  readonly page: Page | null;
  close(): Promise<void>;
};

export type OpenBrowser = { newTab(): Promise<Tab>; close(): Promise<void> };

export async function openBrowser(name: BrowserName): Promise<OpenBrowser> {
  if (name === "WebKit") return openWebKit();
  const browser: Browser = name === "Chromium" ? await launchChromium() : await launchFirefox();
  return {
    async newTab() {
      const context = await browser.newContext({ locale: "en-GB", viewport: { width: 390, height: 800 } });
      return playwrightTab(context, await context.newPage());
    },
    close: () => browser.close(),
  };
}

function playwrightTab(context: BrowserContext, page: Page, shown: Page | Frame = page): Tab {
  page.setDefaultTimeout(WAIT_MS);
  const inWidget = (selector: string) => shown.locator("somo-pay").locator(selector).first();
  const read = (expression: string): Promise<unknown> => shown.evaluate(expression);
  return {
    open: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    click: (selector) => inWidget(selector).click(),
    doubleClick: (selector) => inWidget(selector).dblclick(),
    type: (selector, text) => inWidget(selector).pressSequentially(text),
    typeHere: (text) => page.keyboard.type(text),
    press: (key) => page.keyboard.press(key),
    read,
    until: (expression, what) => waitUntil(read, expression, what),
    async inFrame() {
      const element = await page.locator("iframe").elementHandle();
      const frame = await element?.contentFrame();
      if (!frame) throw new Error("the page has no frame");
      return playwrightTab(context, page, frame);
    },
    page,
    close: () => context.close(),
  };
}

async function openWebKit(): Promise<OpenBrowser> {
  const { driver, stop } = await launchWithRetry();
  // All tests use the browser's first window in turn, because closing it would end the browser. A second tab gets its own window.
  const first = await driver.getWindowHandle();
  let isFirstFree = true;
  return {
    async newTab() {
      if (isFirstFree) {
        isFirstFree = false;
        return webDriverTab(driver, first, async () => {
          // The next test must not find what this one left in the browser.
          await driver.executeScript("try { localStorage.clear(); } catch {}");
          await driver.get("about:blank");
          isFirstFree = true;
        });
      }
      await driver.switchTo().newWindow("window");
      return webDriverTab(driver, await driver.getWindowHandle(), () => driver.close());
    },
    close: stop,
  };
}

/** Another program may take the chosen port before the driver does. Another try then finds another port. */
const LAUNCH_TRIES = 3;

async function launchWithRetry(): Promise<WebKitSession> {
  for (let tries = 1; ; tries++) {
    try {
      return await launchWebKit();
    } catch (error) {
      if (tries === LAUNCH_TRIES) throw error;
    }
  }
}

const KEYS: Record<KeyName, string> = { Tab: Key.TAB, Enter: Key.ENTER, Space: Key.SPACE };

const USABLE_WITHIN_MS = 20_000;

/** WebDriver drives one tab at a time, so every step begins by switching to its own. */
function webDriverTab(driver: WebDriver, handle: string, close: () => Promise<void>, isInFrame = false): Tab {
  const here = async (): Promise<void> => {
    await driver.switchTo().window(handle);
    if (isInFrame) await driver.switchTo().frame(0);
  };
  const read = async (expression: string): Promise<unknown> => {
    await here();
    return driver.executeScript(`return (${expression})`);
  };
  const inWidget = async (selector: string): Promise<WebElement> => {
    await waitUntil(read, `!!${find(selector)}`, `an element ${selector}`);
    return driver.executeScript<WebElement>(`return ${find(selector)}`);
  };
  /** Playwright waits for this by itself: an element that moves, or has just been replaced, cannot be used. */
  const useWhenReady = async (selector: string, use: (element: WebElement) => Promise<void>): Promise<void> => {
    await driver.wait(async () => {
      await waitUntil(read, IS_STILL, "a card that stands still");
      const element = await inWidget(selector);
      try {
        // WebKit's driver does not scroll to elements in a shadow root.
        await driver.executeScript("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", element);
        await use(element);
        return true;
      } catch (failure) {
        const isInBetween = failure instanceof error.ElementNotInteractableError || failure instanceof error.StaleElementReferenceError;
        if (isInBetween) return false;
        throw failure;
      }
    }, USABLE_WITHIN_MS);
  };
  return {
    async open(url) {
      await here();
      await driver.get(url);
    },
    async reload() {
      await here();
      await driver.navigate().refresh();
    },
    click: (selector) => useWhenReady(selector, (element) => element.click()),
    async doubleClick(selector) {
      const element = await inWidget(selector);
      await driver.actions().doubleClick(element).perform();
    },
    type: (selector, text) => useWhenReady(selector, (element) => element.sendKeys(text)),
    async typeHere(text) {
      await here();
      await driver.actions().sendKeys(text).perform();
    },
    async press(key) {
      await here();
      await driver.actions().sendKeys(KEYS[key]).perform();
    },
    read,
    until: (expression, what) => waitUntil(read, expression, what),
    inFrame: () => Promise.resolve(webDriverTab(driver, handle, close, true)),
    page: null,
    async close() {
      await here();
      await close();
    },
  };
}

/** Endless animations, such as a spinner's, move nothing. */
const IS_STILL = `!document.querySelector("somo-pay")?.shadowRoot?.querySelector("[part=card]")?.getAnimations().some(({ playState }) => playState === "running")`;

function find(selector: string): string {
  return `document.querySelector("somo-pay")?.shadowRoot?.querySelector(${JSON.stringify(selector)})`;
}

/** Polls the page, because not every driver can wait. */
async function waitUntil(read: (expression: string) => Promise<unknown>, expression: string, what: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const value = await read(expression).catch((error: unknown) => {
      // During navigation there is no page to read.
      if (Date.now() > deadline) throw error;
      return false;
    });
    if (value === true) return;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${WAIT_MS} ms; the widget shows: ${await shown(read)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function shown(read: (expression: string) => Promise<unknown>): Promise<string> {
  const text = await read(
    `(() => { const pay = document.querySelector("somo-pay"); return pay ? pay.status + ": " + pay.shadowRoot?.querySelector("[part~=card]")?.innerText : "no widget" })()`,
  );
  return String(text);
}
