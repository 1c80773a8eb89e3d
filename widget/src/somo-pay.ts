import { LitElement } from "lit";
import type { PropertyDeclarations } from "lit";
import { isKnown } from "./checkout/checkout-state.ts";
import type { CheckoutState, CheckoutStatus } from "./checkout/checkout-state.ts";
import { AttentionController } from "./controllers/attention-controller.ts";
import { BookingController } from "./controllers/booking-controller.ts";
import { CheckoutController } from "./controllers/checkout-controller.ts";
import { CopyController } from "./controllers/copy-controller.ts";
import { DialogController } from "./controllers/dialog-controller.ts";
import { HeightController } from "./controllers/height-controller.ts";
import { PhoneFieldController } from "./controllers/phone-field-controller.ts";
import { ReceiptCodeController } from "./controllers/receipt-code-controller.ts";
import { StatusEvents } from "./controllers/status-events.ts";
import { secondsUntil } from "./internal/format.ts";
import { explainToOwner } from "./internal/owner-help.ts";
import { keepOwnKeys } from "./internal/own-keys.ts";
import { amountOf, choiceOf, listOrText, recordOf, textOf } from "./internal/property-values.ts";
import { labelsIn, languageAround } from "./labels/labels.ts";
import type { Language, OwnLabels } from "./labels/labels.ts";
import { cardStyles } from "./styles/card.ts";
import { dialogStyles } from "./styles/dialog.ts";
import { formStyles } from "./styles/form.ts";
import { outcomeStyles } from "./styles/outcome.ts";
import { themeStyles } from "./styles/theme.ts";
import { cardView, loadingView, triggerView } from "./views/card.ts";
import { detailsView } from "./views/details.ts";
import { waitInWords } from "./views/parts.ts";
import { payManuallyView } from "./views/pay-manually.ts";
import { failedView, overView, unavailableView } from "./views/problem.ts";
import { readyView } from "./views/ready.ts";
import { paidView, refundedView } from "./views/receipt.ts";
import type { Actions, ViewContext } from "./views/view-context.ts";
import { confirmingView, promptedView } from "./views/waiting.ts";

/**
 * Takes one booking's payment by M-Pesa, inside the page. It shows what the service says and never decides an outcome itself.
 *
 * @tagname somo-pay
 *
 * @attr {string} booking-id - The booking to pay for, as the service named it. Changing it starts over.
 * @attr {string} service - Origin of the payment service, such as `https://pay.example.com`. Default: the origin that served the script.
 * @attr {string} site-key - The site's publishable key (`pk_…`). Needed with `session-type`; not while the page names a booking.
 * @attr {string} session-type - Without `booking-id`: what to book, a code of your price list. The element asks for the rest and books.
 * @attr {string} slots - With `session-type`: the times on offer, a list of `YYYY-MM-DDTHH:MM` in Kenya, or its JSON. Without: any day and time.
 * @attr {inline|button|link} mode - How it stands in the page: itself, or a button or link that opens a dialog. Default `inline`.
 * @attr {string} lang - Language. Default: the nearest `lang` around the element, then the browser's, then English. Parents can switch.
 * @attr {light|dark|auto} theme - Default `auto`: as the device is set.
 * @attr {string} merchant - Your name as parents know it.
 * @attr {number} amount - The whole shillings that your page promised. The service refuses the payment when the booking costs something else.
 * @attr {string} share-url - A page where somebody else can pay this booking; the parent can send it by WhatsApp. Default: this page, when
 *   its address names the booking.
 *
 * @slot - With `mode="button"` or `"link"`: your own words for it.
 * @slot help - One line of yours below every screen, such as a phone number for questions.
 *
 * @fires {SomoPayStatusEvent} somopay-status - The screen has changed; `detail` is `{status, previous, problem?, booking?}`.
 * @fires {SomoPayBookedEvent} somopay-booked - The parent's details have become a booking; `detail` is `{bookingId, reference, booking}`.
 * @fires {SomoPayOpenEvent} somopay-open - The dialog has opened.
 * @fires {SomoPayCloseEvent} somopay-close - The dialog has closed; a payment under way goes on.
 * @fires {PaymentConfirmedEvent} payment-confirmed - The full amount is paid, now or before the page was opened; once for each booking.
 *   `detail.booking.booking_status` says whether the session is booked: money may arrive too late for that.
 * @fires {PaymentFailedEvent} payment-failed - An attempt failed; `detail.reason` says why. Money that arrives late still confirms it.
 *
 * @csspart trigger - The button or link that opens the dialog.
 * @csspart dialog - The dialog.
 * @csspart close-button - Closes the dialog.
 * @csspart card - The card.
 * @csspart summary - Amount, session and merchant.
 * @csspart amount - The amount in the summary.
 * @csspart title - A screen's heading.
 * @csspart text - The sentence below it.
 * @csspart form - The form with the phone number, or with the details of a booking.
 * @csspart label - A field's label.
 * @csspart hint - The phone field's help.
 * @csspart error - What is wrong with a field.
 * @csspart input - A field.
 * @csspart button - The main button.
 * @csspart secondary-button - Every other button with words.
 * @csspart copy-button - The buttons that copy.
 * @csspart receipt - The panel with the receipt.
 * @csspart receipt-code - M-Pesa's receipt code.
 * @csspart footer - The language switch.
 *
 * @cssprop [--somo-pay-accent=#0b7a4b] - Buttons, links, progress. Needs a contrast of 4.5 with `--somo-pay-on-accent`.
 * @cssprop [--somo-pay-on-accent=#fff] - Words on the accent.
 * @cssprop [--somo-pay-background] - The card. This and the next five have a default for each theme.
 * @cssprop [--somo-pay-surface] - Panels on the card.
 * @cssprop [--somo-pay-text] - Words.
 * @cssprop [--somo-pay-muted] - Quieter words. Needs a contrast of 4.5 with card and panels.
 * @cssprop [--somo-pay-line] - Lines and the card's edge.
 * @cssprop [--somo-pay-edge] - Edges of fields. Needs a contrast of 3 with the card.
 * @cssprop [--somo-pay-warm] - What is wrong.
 * @cssprop [--somo-pay-font=system-ui] - Font family.
 * @cssprop [--somo-pay-radius=12px] - Corners of the card; fields and buttons follow.
 * @cssprop [--somo-pay-space=8px] - The unit of all distances.
 * @cssprop [--somo-pay-shadow] - The card's shadow.
 * @cssprop [--somo-pay-max-width=440px] - The card's greatest width.
 *
 * @cssstate loading - Reading the booking.
 * @cssstate details - Asks what shall be booked.
 * @cssstate ready - Asks for the phone number.
 * @cssstate sending - The prompt is being sent.
 * @cssstate prompted - The prompt is on the phone.
 * @cssstate confirming - The prompt is over and its outcome is not known yet.
 * @cssstate paid - The full amount is paid. The session may still not be booked.
 * @cssstate failed - Not paid.
 * @cssstate refunded - Paid back.
 * @cssstate lapsed - The time to pay is over, and the booking is not fully paid.
 * @cssstate cancelled - The booking was cancelled, and is not fully paid.
 * @cssstate manual - Shows how to pay from M-Pesa's own menu.
 * @cssstate unavailable - The booking cannot be shown.
 */
export class SomoPay extends LitElement {
  /** @internal The package's version. */
  static readonly version = "0.1.0";
  static override readonly styles = [themeStyles, cardStyles, formStyles, outcomeStyles, dialogStyles];
  static override readonly properties: PropertyDeclarations = {
    // `useDefault`: an attribute that is taken away gives the default.
    bookingId: { attribute: "booking-id", useDefault: true },
    service: { useDefault: true },
    siteKey: { attribute: "site-key", useDefault: true },
    sessionType: { attribute: "session-type", useDefault: true },
    slots: { useDefault: true },
    mode: { useDefault: true, reflect: true },
    theme: { useDefault: true, reflect: true },
    merchant: { useDefault: true },
    amount: { type: Number },
    shareUrl: { attribute: "share-url", useDefault: true },
    labels: { attribute: false },
    chosenLanguage: { state: true, attribute: false },
    qr: { state: true, attribute: false },
  };

  declare bookingId: string;
  declare service: string;
  declare siteKey: string;
  declare sessionType: string;
  declare slots: readonly string[] | string;
  declare mode: "inline" | "button" | "link";
  declare theme: "light" | "dark" | "auto";
  declare merchant: string;
  declare amount: number | undefined;
  declare shareUrl: string;
  /** Your own words: some sentences for every language (`{pay: "Donate {amount}"}`), or for each language some (`{sw: {…}, fr: {…}}`). */
  declare labels: OwnLabels;

  declare private chosenLanguage: Language | undefined;
  declare private qr: ViewContext["qr"];

  readonly #attention = new AttentionController(this, () => this.#screenInWords());
  readonly #checkout = new CheckoutController(this, (before, after) => this.#stateChanged(before, after));
  readonly #booking = new BookingController(this, this.#checkout, this.#attention);
  readonly #phoneField = new PhoneFieldController(this, this.#checkout);
  readonly #receiptCode = new ReceiptCodeController(this, this.#checkout, this.#attention);
  readonly #height = new HeightController(this);
  readonly #dialog = new DialogController(this);
  readonly #copying = new CopyController(this, (copied) =>
    this.#attention.say(copied === undefined ? "" : `${this.#words().copied}: ${copied}`),
  );
  readonly #statusEvents = new StatusEvents(this);
  #wasLocked = false;

  constructor() {
    super();
    this.bookingId = this.service = this.siteKey = this.sessionType = this.slots = this.merchant = this.shareUrl = "";
    this.mode = "inline";
    this.theme = "auto";
    this.labels = {};
    this.qr = { address: "", failed: false };
  }

  static override get observedAttributes(): string[] {
    return ["lang", ...super.observedAttributes];
  }

  /** What the element shows; also a CSS state, such as `:state(paid)`. */
  get status(): CheckoutStatus {
    return this.#checkout.state.name;
  }

  /**
   * Presses the button: sends a prompt to the number in the field, or again to the last one. Resolves when the service has answered.
   * Does nothing while a prompt is on its way, or when there is nothing to pay.
   */
  async pay(): Promise<void> {
    const { state, phone } = this.#checkout;
    if (state.name === "failed" && !phone) return this.#act.edit();
    const typed = this.#phoneField.read();
    await this.#checkout.submit((state.name === "failed" && phone) || typed);
  }

  /** Forgets what was typed and chosen, and reads the booking again, or asks for a new one. An open payment goes on, and is shown. */
  reset(): void {
    this.#phoneField.reset();
    this.#statusEvents.forget();
    if (this.#booking.isOwnBooking) this.#booking.leave();
    this.#checkout.restart();
  }

  /** Opens the dialog, with `mode="button"` or `"link"`. */
  async open(): Promise<void> {
    await this.#dialog.open();
  }

  /** Closes the dialog. A payment under way goes on. */
  close(): void {
    this.#dialog.close();
  }

  override attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    super.attributeChangedCallback(name, before, value);
    if (name !== "lang") return;
    this.chosenLanguage = undefined;
    this.requestUpdate();
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot();
    keepOwnKeys(root);
    return root;
  }

  /** Nothing changes under a finger. */
  protected override scheduleUpdate(): void | Promise<unknown> {
    return this.#height.held ? this.#height.held.then(() => super.scheduleUpdate()) : super.scheduleUpdate();
  }

  protected override willUpdate(): void {
    for (const name of ["bookingId", "service", "siteKey", "sessionType", "merchant", "shareUrl"] as const) this[name] = textOf(this[name]);
    this.slots = listOrText(this.slots);
    this.mode = choiceOf(["inline", "button", "link"], this.mode);
    this.theme = choiceOf(["auto", "light", "dark"], this.theme);
    this.amount = amountOf(this.amount);
    this.labels = recordOf(this.labels);
  }

  protected override updated(): void {
    const { state } = this.#checkout;
    const isLocked = state.name === "failed" && state.retryAtMs > Date.now();
    // Nothing would be read when the wait is over, and who cannot see the button would go on waiting.
    if (this.#wasLocked && !isLocked && state.name === "failed") this.#attention.say(this.#words().tryAgain);
    this.#wasLocked = isLocked;
  }

  protected override render() {
    const context = this.#context();
    if (this.mode === "inline") return this.#card(context);
    const card = this.#dialog.isOpen ? this.#card(context) : undefined;
    return triggerView(this.mode, this.#checkout.state, card, context, () => void this.open(), this.#dialog.close);
  }

  #screen(context: ViewContext) {
    const { state } = this.#checkout;
    switch (state.name) {
      case "loading":
        return loadingView(context);
      case "details":
        return detailsView(context);
      case "ready":
      case "sending":
        return readyView(state, context);
      case "prompted":
        return promptedView(state, context);
      case "confirming":
        return confirmingView(state, context);
      case "paid":
        return paidView(state, context);
      case "failed":
        return failedView(state, context);
      case "refunded":
        return refundedView(state, context);
      case "lapsed":
      case "cancelled":
        return overView(state, context);
      case "manual":
        return payManuallyView(state, context);
      case "unavailable":
        return unavailableView(state, context);
    }
  }

  #card(context: ViewContext) {
    const { state, reachable } = this.#checkout;
    const { labels } = context;
    return cardView(
      {
        screen: this.#screen(context),
        offer: isKnown(state) ? state.booking : this.#booking.offer,
        isLoading: state.name === "loading" || state.name === "details",
        trouble: reachable ? "" : navigator.onLine ? labels.slow : labels.offline,
        language: this.#language,
        ownLabels: this.labels,
      },
      context,
    );
  }

  /** Where the heading does not say what is new. */
  #screenInWords(): string | undefined {
    const { state } = this.#checkout;
    const labels = this.#words();
    if (state.name === "sending") return labels.sending;
    const seconds = state.name === "ready" && secondsUntil(state.retryAtMs, Date.now());
    return seconds ? `${labels.tooSoon} ${waitInWords(seconds, labels)}` : undefined;
  }

  #stateChanged(before: CheckoutState, after: CheckoutState): void {
    this.#attention.follow(before, after);
    if (before.name === after.name) return;
    this.#statusEvents.tell(before, after);
    if ("problem" in after) explainToOwner(after.problem, this.#checkout.api?.origin ?? "", this.bookingId);
  }

  get #language(): Language {
    return this.chosenLanguage ?? languageAround(this, this.labels);
  }

  #words() {
    return labelsIn(this.#language, this.labels);
  }

  #context(): ViewContext {
    const { merchant, shareUrl, qr } = this;
    return {
      labels: this.#words(),
      nowMs: Date.now(),
      merchant,
      shareUrl,
      canBookAgain: Boolean(this.sessionType && this.siteKey),
      origin: this.#checkout.api?.origin ?? "",
      phoneField: this.#phoneField,
      phone: this.#checkout.phone,
      copying: this.#copying,
      code: this.#receiptCode,
      form: this.#booking,
      qr,
      act: this.#act,
    };
  }

  readonly #act: Actions = {
    submit: (event) => {
      event.preventDefault();
      this.#attention.focusWrongField();
      void this.pay();
    },
    again: () => void this.pay(),
    edit: () => {
      this.#phoneField.set("");
      this.#checkout.choose("edit");
    },
    reload: () => this.reset(),
    bookAgain: () => {
      this.#booking.isOwnBooking = true;
      this.reset();
    },
    payManually: () => this.#checkout.choose("pay-manually"),
    back: () => this.#checkout.choose("back"),
    chooseLanguage: (language) => {
      this.chosenLanguage = language;
    },
    showQr: (address, failed) => {
      this.qr = { address, failed: failed && this.qr.address === address };
    },
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "somo-pay": SomoPay;
  }
}
