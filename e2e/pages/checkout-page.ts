/** The owner's page with the widget in it, as a parent sees and uses it. */
import type { Tab } from "./browser-tab.ts";
import type { HostPage, HostPageOptions } from "./host-page.ts";

export type CheckoutStatus =
  | "details"
  | "ready"
  | "sending"
  | "prompted"
  | "confirming"
  | "paid"
  | "failed"
  | "refunded"
  | "lapsed"
  | "cancelled"
  | "manual"
  | "unavailable";

/** Replaces non-breaking spaces. */
const CARD_TEXT = `document.querySelector("somo-pay")?.shadowRoot?.querySelector("[part~=card]")?.innerText.replaceAll("\u00a0", " ")`;

export class CheckoutPage {
  readonly tab: Tab;
  readonly #host: HostPage;

  constructor(tab: Tab, host: HostPage) {
    this.tab = tab;
    this.#host = host;
  }

  async open(serviceUrl: string, bookingId: string, options: HostPageOptions = {}): Promise<void> {
    await this.tab.open(this.#host.url(serviceUrl, bookingId, options));
  }

  /** Fills in the booking form. Browsers differ in how a date is typed. */
  async fillDetails(details: Record<string, string>): Promise<void> {
    await this.until("details");
    for (const [name, value] of Object.entries(details)) {
      const field = `document.querySelector("somo-pay").shadowRoot.querySelector(${JSON.stringify(`[name=${name}]`)})`;
      await this.tab.until(`!!${field}`, `the field "${name}"`);
      await this.tab.read(
        `(() => { ${field}.value = ${JSON.stringify(value)}; ${field}.dispatchEvent(new Event("input", { bubbles: true })) })()`,
      );
    }
  }

  async enterPhone(phone: string): Promise<void> {
    await this.until("ready");
    await this.tab.type("input[type=tel]", phone);
  }

  pressPay(): Promise<void> {
    return this.tab.click("button[type=submit]");
  }

  async pay(phone: string): Promise<void> {
    await this.enterPhone(phone);
    await this.pressPay();
  }

  /** By the main button, or by the framed one where the money may have moved. */
  tryAgain(): Promise<void> {
    return this.tab.click("[part~=button], .button.framed");
  }

  until(status: CheckoutStatus): Promise<void> {
    return this.tab.until(`document.querySelector("somo-pay")?.status === ${JSON.stringify(status)}`, `the screen "${status}"`);
  }

  /** Whether a field for a phone number or a button that pays is shown. */
  async canPay(): Promise<boolean> {
    const form = `document.querySelector("somo-pay").shadowRoot.querySelector("input[type=tel], [part~=button][type=submit]")`;
    return (await this.tab.read(`${form} !== null`)) === true;
  }

  /** The present text of the card. */
  async text(): Promise<string> {
    return String(await this.tab.read(CARD_TEXT));
  }

  untilText(text: string): Promise<void> {
    return this.tab.until(`${CARD_TEXT}?.includes(${JSON.stringify(text)}) === true`, `the words "${text}"`);
  }

  untilMatch(pattern: RegExp): Promise<void> {
    return this.tab.until(`${String(pattern)}.test(${CARD_TEXT} ?? "")`, `words like ${String(pattern)}`);
  }

  async valueOf(field: string): Promise<string> {
    return String(await this.tab.read(`document.querySelector("somo-pay").shadowRoot.querySelector(${JSON.stringify(field)})?.value`));
  }

  async receipt(): Promise<string> {
    return String(
      await this.tab.read(`document.querySelector("somo-pay").shadowRoot.querySelector("[part~=receipt-code]")?.textContent?.trim()`),
    );
  }

  async addressOf(link: string): Promise<string> {
    const links = `[...document.querySelector("somo-pay").shadowRoot.querySelectorAll("a")]`;
    return String(await this.tab.read(`${links}.find((link) => link.textContent.trim() === ${JSON.stringify(link)})?.href`));
  }

  /** The events that the owner's page received, in order, with their details. */
  async events(): Promise<string[]> {
    const events = await this.tab.read("window.paymentEvents");
    return Array.isArray(events) ? events.map(String) : [];
  }
}
