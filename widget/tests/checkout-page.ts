/** The element on an owner's page, as a parent meets it. */
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright";
import { MERCHANT } from "../screens/canned-bookings.ts";
import type { HostPage } from "./host-page.ts";

/** Who books. */
export const PARENT = { parentName: "Wanjiru Kamau", childName: "Amani Kamau", email: "wanjiru@example.com" };

export interface OpenOptions {
  /** Without it the element gets no `booking-id`. */
  bookingId?: string;
  /** More attributes, such as `theme="dark"`. */
  attributes?: string;
  script?: "module" | "classic";
  lang?: string;
  width?: number;
  javaScriptBefore?: string;
  /** How the reader has set the browser. */
  settings?: BrowserContextOptions;
  /** The page's style sheet. */
  pageCss?: string;
  /** What stands around the element. */
  around?: (tag: string) => string;
}

/** What the page's owner hears, in order. */
export interface HeardEvent {
  type: string;
  detail: {
    bookingId?: string;
    status?: string;
    previous?: string;
    reason?: string;
    receipt?: string;
    late?: boolean;
    amountKes?: number;
    booking?: { booking_status: string };
  };
}

export class CheckoutPage {
  readonly page: Page;
  readonly element: Locator;
  /** Errors and policy violations of the page; a sound page has none. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.element = page.locator("somo-pay");
  }

  static async open(browser: Browser, host: HostPage, options: OpenOptions): Promise<CheckoutPage> {
    const { bookingId, attributes = "", script = "module", lang = "en", width = 360 } = options;
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      locale: "en-KE",
      acceptDownloads: true,
      ...options.settings,
    });
    const checkout = new CheckoutPage(await context.newPage());
    const { page } = checkout;
    page.on("pageerror", (error) => checkout.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") checkout.complaints.push(message.text());
    });
    await page.addInitScript(() => {
      const heard: unknown[] = [];
      Object.assign(globalThis, { heard });
      for (const type of [
        "somopay-status",
        "somopay-booked",
        "somopay-open",
        "somopay-close",
        "payment-confirmed",
        "payment-failed",
      ] as const) {
        document.addEventListener(type, (event) => heard.push({ type, detail: (event as CustomEvent).detail as unknown }));
      }
    });
    if (options.javaScriptBefore) await page.addInitScript(options.javaScriptBefore);
    const names = bookingId === undefined ? "" : `booking-id="${bookingId}"`;
    const { pageCss, around = (element: string) => element } = options;
    if (pageCss !== undefined) await page.route("**/page.css", (route) => route.fulfill({ contentType: "text/css", body: pageCss }));
    const tag = around(`<somo-pay ${names} merchant="${MERCHANT}" ${attributes}></somo-pay>`);
    await page.goto(`${host.origin}/?${new URLSearchParams({ tag, type: script, lang }).toString()}`);
    return checkout;
  }

  get phone(): Locator {
    return this.page.getByLabel(/^(M-Pesa phone number|Nambari ya simu)/);
  }
  get status(): Locator {
    return this.page.getByRole("status");
  }
  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }
  heading(name: string | RegExp): Locator {
    return this.page.getByRole("heading", { name, level: 2 });
  }

  /** Types the number and presses the button. */
  async payFrom(phone: string): Promise<void> {
    await this.phone.fill(phone);
    await this.button(/^(Pay KES|Lipa KES)/).click();
  }

  /** Says who comes, in the form for a booking; not when. */
  async fillDetails(): Promise<void> {
    await this.page.getByLabel("Your name").fill(PARENT.parentName);
    await this.page.getByLabel("Your child’s name").fill(PARENT.childName);
    await this.page.getByLabel("E-mail").fill(PARENT.email);
  }

  /** Waits until the element shows this screen. */
  async shows(status: string): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => document.querySelector<HTMLElement & { status: string }>("somo-pay")?.status === wanted,
      status,
    );
    await this.element.evaluate((element: HTMLElement & { updateComplete?: Promise<unknown> }) => element.updateComplete);
  }

  heard(): Promise<HeardEvent[]> {
    return this.page.evaluate(() => (globalThis as unknown as { heard: HeardEvent[] }).heard);
  }

  /** The text of what has the focus, inside the element too. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const inner = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return `${inner?.tagName ?? ""} ${inner?.textContent?.trim() ?? ""}`.trim();
    });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
