import { LitElement, html, nothing } from "lit";
import type { PropertyValues } from "lit";
import { CheckoutController } from "./checkout-controller.ts";
import { attemptOf, isKnown } from "./checkout-state.ts";
import type { CheckoutState, CheckoutStatus } from "./checkout-state.ts";
import type { BookingView } from "./contract.ts";
import { controls } from "./controls.styles.ts";
import { drawings } from "./drawings.styles.ts";
import { PaymentConfirmedEvent, PaymentFailedEvent, SomoPayStatusEvent } from "./events.ts";
import { calendarFile, receiptText } from "./keepsakes.ts";
import { labelsIn, languageAround } from "./language.ts";
import type { Language } from "./language.ts";
import { saveFile } from "./save-file.ts";
import { layout } from "./somo-pay.styles.ts";
import { theme } from "./theme.styles.ts";
import { confirmingView } from "./views/confirming.ts";
import { alertIcon, spinner } from "./views/icons.ts";
import { summary } from "./views/parts.ts";
import { payManuallyView } from "./views/pay-manually.ts";
import { payView } from "./views/pay.ts";
import { problemView, unavailableView } from "./views/problem.ts";
import { receiptView, refundedView } from "./views/receipt.ts";
import type { Actions, ViewContext } from "./views/view-context.ts";
import { waitingView } from "./views/waiting.ts";

/** How long a copy button says "Copied". */
const COPIED_MS = 2_000;

/**
 * Takes one booking's payment by M-Pesa, inside the page. It shows what the service says and never decides an outcome itself.
 *
 * @tagname somo-pay
 *
 * @attr {string} booking-id - The booking to pay for, as the service named it. Changing it starts over.
 * @attr {string} service - Origin of the payment service, such as `https://pay.example.com`. Default: the origin that served the script.
 * @attr {string} site-key - The site's publishable key (`pk_…`). Not needed while the page names a booking.
 * @attr {en|sw} lang - Language. Default: the nearest `lang` around the element, then the browser's, then English. Parents can switch.
 * @attr {light|dark|auto} theme - Default `auto`: as the device is set.
 * @attr {string} merchant - Your name as parents know it.
 * @attr {number} amount - The whole shillings that your page promised. The service refuses the payment when the booking costs something else.
 *
 * @slot help - One line of yours below every screen, such as a phone number for questions.
 *
 * @fires {SomoPayStatusEvent} somopay-status - The screen has changed; `detail` is `{status, previous, problem?, booking?}`.
 * @fires {PaymentConfirmedEvent} payment-confirmed - The booking is paid, now or before the page was opened; once for each booking.
 * @fires {PaymentFailedEvent} payment-failed - An attempt failed; `detail.reason` says why. Money that arrives late still confirms it.
 *
 * @csspart card - The card.
 * @csspart summary - Amount, session and merchant.
 * @csspart amount - The amount in the summary.
 * @csspart title - A screen's heading.
 * @csspart text - The sentence below it.
 * @csspart form - The form with the phone number.
 * @csspart label - The field's label.
 * @csspart hint - The field's help.
 * @csspart error - What is wrong with the field.
 * @csspart input - The phone field.
 * @csspart button - The main button.
 * @csspart secondary-button - Every other button with words.
 * @csspart copy-button - The buttons that copy.
 * @csspart receipt - The panel with the receipt.
 * @csspart receipt-code - M-Pesa's receipt code.
 * @csspart footer - The language switch.
 *
 * @cssprop [--somo-pay-accent=#0b7a4b] - Buttons, links, progress. Needs a contrast of 4.5 with `--somo-pay-on-accent`.
 * @cssprop [--somo-pay-on-accent=#fff] - Words on the accent.
 * @cssprop [--somo-pay-font=system-ui] - Font family.
 * @cssprop [--somo-pay-radius=12px] - Corners of the card; fields and buttons follow.
 * @cssprop [--somo-pay-background] - The card. Default by theme.
 * @cssprop [--somo-pay-text] - Words. Default by theme.
 * @cssprop [--somo-pay-shadow] - The card's shadow.
 * @cssprop [--somo-pay-max-width=27rem] - The card's greatest width.
 *
 * @cssstate loading - Reading the booking.
 * @cssstate ready - Asks for the phone number.
 * @cssstate sending - The prompt is being sent.
 * @cssstate prompted - The prompt is on the phone.
 * @cssstate confirming - The prompt is over and its outcome is not known yet.
 * @cssstate paid - Paid.
 * @cssstate failed - Not paid.
 * @cssstate refunded - Paid back.
 * @cssstate manual - Shows how to pay from M-Pesa's own menu.
 * @cssstate unavailable - The booking cannot be shown.
 */
export class SomoPay extends LitElement {
  static override styles = [theme, drawings, controls, layout];

  static override properties = {
    bookingId: { attribute: "booking-id" },
    service: {},
    siteKey: { attribute: "site-key" },
    lang: {},
    theme: { reflect: true },
    merchant: {},
    amount: { type: Number },
    copied: { state: true },
    chosenLanguage: { state: true },
  };

  declare bookingId: string;
  declare service: string;
  declare siteKey: string;
  declare theme: "light" | "dark" | "auto";
  declare merchant: string;
  declare amount: number | undefined;

  declare private copied: string | undefined;
  declare private chosenLanguage: Language | undefined;

  private readonly checkout: CheckoutController;
  private readonly internals: ElementInternals | undefined;
  private readonly pageLanguage: MutationObserver;
  private typed = "";
  private announceNext = false;
  private focusNext = "";
  private copiedTimer: ReturnType<typeof setTimeout> | undefined;
  private confirmedBooking = "";
  private failedAttempt: number | undefined;

  constructor() {
    super();
    this.bookingId = this.service = this.siteKey = this.merchant = "";
    this.theme = "auto";
    this.internals = typeof this.attachInternals === "function" ? this.attachInternals() : undefined;
    this.checkout = new CheckoutController(this, (before, after) => this.stateChanged(before, after));
    this.pageLanguage = new MutationObserver(() => this.requestUpdate());
  }

  /** What the element shows; also a CSS state, such as `:state(paid)`. */
  get status(): CheckoutStatus {
    return this.checkout.state.name;
  }

  /**
   * Presses the button: sends a prompt to the number in the field, or again to the last one. Resolves when the service has answered.
   * Does nothing while a prompt is on its way, or when there is nothing to pay.
   */
  async pay(): Promise<void> {
    const { state, phone } = this.checkout;
    const field = this.renderRoot.querySelector("input");
    const number = state.name === "failed" ? phone : (field?.value ?? this.typed);
    if (state.name === "failed" && !number) this.act.edit();
    else await this.checkout.submit(number ?? "");
  }

  /** Forgets the phone number and what was chosen, and reads the booking again. An open payment goes on, and is shown. */
  reset(): void {
    this.typed = "";
    this.confirmedBooking = "";
    this.failedAttempt = undefined;
    this.checkout.restart();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.pageLanguage.observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.pageLanguage.disconnect();
  }

  protected override firstUpdated(): void {
    if (!this.bookingId) console.warn("<somo-pay>: waiting for a booking-id.");
  }

  protected override render() {
    const { state, reachable } = this.checkout;
    const context = this.context();
    const { labels } = context;
    const trouble = !navigator.onLine ? labels.offline : reachable ? undefined : labels.slow;
    return html`<div class="card" part="card" role="group" aria-label=${labels.payTitle} lang=${this.language}>
      ${isKnown(state) ? summary(state, context) : html`<div class="summary blank" aria-hidden="true"></div>`}
      ${this.screen(state, context)} ${trouble ? html`<p class="trouble">${alertIcon}<span>${trouble}</span></p>` : nothing}
      <slot name="help"></slot>
      ${this.languageSwitch(labels.language)}
      <p class="unseen" role="status"></p>
    </div>`;
  }

  private screen(state: CheckoutState, context: ViewContext) {
    switch (state.name) {
      case "loading":
        return html`<div class="stage centred calm-middle">
          <p class="note">${spinner}<span>${context.labels.loading}</span></p>
        </div>`;
      case "unavailable":
        return unavailableView(state, context);
      case "ready":
      case "sending":
        return payView(state, context);
      case "prompted":
        return waitingView(state, context);
      case "confirming":
        return confirmingView(context);
      case "paid":
        return receiptView(state, context);
      case "failed":
        return problemView(state, context);
      case "refunded":
        return refundedView(state, context);
      case "manual":
        return state.booking.payManually ? payManuallyView(state, state.booking.payManually, context) : nothing;
    }
  }

  private languageSwitch(label: string) {
    const choice = (language: Language, name: string) =>
      html`<button
        type="button"
        lang=${language}
        aria-pressed=${this.language === language ? "true" : "false"}
        @click=${() => (this.chosenLanguage = language)}
      >
        ${name}
      </button>`;
    return html`<div class="languages" part="footer" role="group" aria-label=${label}>
      ${choice("en", "English")}${choice("sw", "Kiswahili")}
    </div>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("lang")) this.chosenLanguage = undefined;
    // Only a parent who was working here is moved along, and only when what they used is gone or wrong.
    if (!this.shadowRoot?.activeElement) this.focusNext = "";
  }

  protected override updated(): void {
    const target = this.focusNext;
    this.focusNext = "";
    if (target) this.renderRoot.querySelector<HTMLElement>(target)?.focus();
    // The heading that takes the focus is read out by that; saying it twice would be noise.
    if (this.announceNext) this.announce(target ? "" : this.screenInWords());
    this.announceNext = false;
  }

  private announce(sentence: string): void {
    const region = this.renderRoot.querySelector("[role=status]");
    if (region) region.textContent = sentence;
  }

  private screenInWords(): string {
    if (this.status === "sending") return labelsIn[this.language].sending;
    return Array.from(this.renderRoot.querySelectorAll("#title, #text"), (part) => part.textContent).join(". ");
  }

  private stateChanged(before: CheckoutState, after: CheckoutState): void {
    const problem = "problem" in after ? after.problem : undefined;
    const booking = isKnown(after) ? after.booking : undefined;
    if (after.name === "ready" && after.phoneError) this.focusNext = "input";
    if (before.name === after.name) return;
    this.focusNext = this.focusAfter(before, after);
    this.announceNext = before.name !== "loading";
    this.mirror(before.name, after.name);
    this.dispatchEvent(new SomoPayStatusEvent({ status: after.name, previous: before.name, problem, booking }));
    if (booking) this.tellOutcome(after.name, booking, after.name === "paid" && after.late);
  }

  private focusAfter(before: CheckoutState, after: CheckoutState): string {
    if (after.name === "sending" || (before.name === "sending" && after.name === "ready" && !after.phoneError)) return "";
    return after.name === "ready" ? "input" : "#title";
  }

  private tellOutcome(status: CheckoutStatus, booking: BookingView, late: boolean): void {
    const { bookingId, reference, amount, payment } = booking;
    if (status === "paid" && this.confirmedBooking !== bookingId) {
      this.confirmedBooking = bookingId;
      this.dispatchEvent(new PaymentConfirmedEvent({ bookingId, reference, amountKes: amount, receipt: payment?.receipt, late, booking }));
    }
    const attempt = attemptOf(booking);
    if (status === "failed" && payment?.status === "failed" && attempt !== this.failedAttempt) {
      this.failedAttempt = attempt;
      this.dispatchEvent(new PaymentFailedEvent({ bookingId, reason: payment.reason ?? "unknown", booking }));
    }
  }

  private mirror(before: CheckoutStatus, after: CheckoutStatus): void {
    try {
      this.internals?.states.delete(before);
      this.internals?.states.add(after);
    } catch {
      // Chromium before 125 takes only names with two dashes.
    }
  }

  private get language(): Language {
    return this.chosenLanguage ?? languageAround(this);
  }

  private context(): ViewContext {
    const { typed, merchant, copied, act } = this;
    return { labels: labelsIn[this.language], nowMs: Date.now(), merchant, typed, phone: this.checkout.phone, copied, act };
  }

  private readonly act: Actions = {
    submit: (event) => {
      event.preventDefault();
      void this.pay();
    },
    phoneInput: ({ target }) => {
      if (target instanceof HTMLInputElement) this.typed = target.value;
      this.checkout.choose("phone-edited");
    },
    again: () => void this.pay(),
    edit: () => {
      this.typed = "";
      this.checkout.choose("edit");
    },
    reload: () => this.reset(),
    payManually: () => this.checkout.choose("pay-manually"),
    back: () => this.checkout.choose("back"),
    copy: (name, text) => void this.copy(name, text),
    saveReceipt: (booking) =>
      saveFile(`${booking.reference}.txt`, "text/plain", receiptText(booking, this.merchant, labelsIn[this.language])),
    addToCalendar: (booking) => saveFile(`${booking.reference}.ics`, "text/calendar", calendarFile(booking, this.merchant, Date.now())),
  };

  private async copy(name: string, text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    this.copied = name;
    this.announce(`${labelsIn[this.language].copied}: ${name}`);
    clearTimeout(this.copiedTimer);
    this.copiedTimer = setTimeout(() => {
      this.copied = undefined;
      this.announce("");
    }, COPIED_MS);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "somo-pay": SomoPay;
  }
}
