import { html, nothing, render } from "lit/html.js";
import { CheckoutController } from "./checkout-controller.ts";
import { isKnown } from "./checkout-state.ts";
import type { CheckoutState, CheckoutStatus } from "./checkout-state.ts";
import { coreStyles } from "./core.styles.ts";
import { addStyles } from "./css.ts";
import { money, secondsUntil } from "./format.ts";
import { fill } from "./labels/labels.ts";
import { labelsIn, languageAround, languagesWith, wordsIn } from "./language.ts";
import type { Language, OwnLabels } from "./language.ts";
import { News } from "./news.ts";
import { fetchers } from "./part-files.ts";
import type { Parts } from "./part-files.ts";
import type { PartHost } from "./part-host.ts";
import { ReactiveElement } from "./reactive-element.ts";
import { recall, remember } from "./storage.ts";
import { spinner } from "./views/icons.ts";
import { outcomeView } from "./views/outcome.ts";
import { quietButton, summary, waitInWords } from "./views/parts.ts";
import { payView } from "./views/pay.ts";
import type { Actions, ViewContext } from "./views/view-context.ts";

const attributes = "booking-id service site-key session-type slots mode theme merchant amount share-url".split(" ");
/** `booking-id` → `bookingId`. */
const propertyOf = (attribute: string) => attribute.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const defaults: Record<string, unknown> = {
  ...Object.fromEntries(attributes.map((name) => [propertyOf(name), ""])),
  mode: "inline",
  theme: "auto",
  amount: undefined,
  labels: {},
};

/** Where the number is kept that the parent asked to remember. */
const PHONE_KEY = "somopay-phone";
const WRONG_FIELD = "[aria-invalid]";

/** The fetched part that a screen needs. While the prompt is sent there is time. */
const partOf = (screen: CheckoutStatus): keyof Parts | undefined =>
  screen === "details" ? "waysIn" : /^(loading|ready)$/.test(screen) ? undefined : "more";

/** Its words are not here before that part is. */
const needsMore = (state: CheckoutState) =>
  /^(failed|unavailable|refunded|lapsed|cancelled)$/.test(state.name) ||
  (state.name === "paid" && state.booking.booking_status !== "booked");

const loading = ({ labels }: ViewContext) =>
  html`<div class="stage centred">
    ${spinner}
    <p>${labels.loading}</p>
  </div>`;

/**
 * Takes one booking's payment by M-Pesa, inside the page. It shows what the service says and never decides an outcome itself.
 *
 * @tagname somo-pay
 *
 * @attr {string} booking-id - The booking to pay for, as the service named it. Changing it starts over.
 * @attr {string} service - Origin of the payment service, such as `https://pay.example.com`. Default: the origin that served the script.
 * @attr {string} site-key - The site's publishable key (`pk_…`). Needed with `session-type`; not while the page names a booking.
 * @attr {string} session-type - Without `booking-id`: what to book, a code of your price list. The element asks for the rest and books.
 * @attr {string} slots - With `session-type`: the times on offer, a JSON list of `YYYY-MM-DDTHH:MM` in Kenya. Without: any day and time.
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
 * @cssprop [--somo-pay-max-width=432px] - The card's greatest width.
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
export class SomoPay extends ReactiveElement {
  static readonly observedAttributes = ["lang", ...attributes];

  declare bookingId: string;
  declare service: string;
  declare siteKey: string;
  declare sessionType: string;
  /** The list itself, or its JSON. */
  declare slots: readonly string[] | string;
  declare mode: "inline" | "button" | "link";
  declare theme: "light" | "dark" | "auto";
  declare merchant: string;
  declare amount: number | undefined;
  declare shareUrl: string;
  /** Your own words: some sentences for every language (`{pay: "Donate {amount}"}`), or for each language some (`{sw: {…}, fr: {…}}`). */
  declare labels: OwnLabels;

  private readonly checkoutController = new CheckoutController(
    this,
    (before, after) => this.stateChanged(before, after),
    // The page is seen again, or the network is back.
    () => {
      this.partLost = false;
      this.requestUpdate();
    },
  );
  private readonly news = new News(this);
  private readonly partsHere: Parts = {};
  /** A part could not be fetched. */
  private partLost = false;
  private dialogOpen = false;
  private chosenLanguage: Language | undefined;
  private typedPhone = recall(PHONE_KEY);
  private remembered = this.typedPhone !== "";
  private bookedHere = false;
  private announceNext = false;
  private focusNext = "";

  constructor() {
    super();
    addStyles(this.renderRoot, coreStyles);
    this.define(defaults);
  }

  /** What the element shows; also a CSS state, such as `:state(paid)`. */
  get status(): CheckoutStatus {
    return this.checkoutController.state.name;
  }

  /**
   * Presses the button: sends a prompt to the number in the field, or again to the last one. Resolves when the service has answered.
   * Does nothing while a prompt is on its way, or when there is nothing to pay.
   */
  async pay(): Promise<void> {
    const { state, phone } = this.checkoutController;
    if (state.name === "failed" && !phone) this.act.edit();
    else {
      // Some browsers fill fields in without a word.
      this.typedPhone = this.renderRoot.querySelector<HTMLInputElement>("#phone")?.value ?? this.typedPhone;
      this.keepNumber();
      await this.checkoutController.submit((state.name === "failed" && phone) || this.typedPhone);
    }
  }

  /** Forgets what was typed and chosen, and reads the booking again, or asks for a new one. An open payment goes on, and is shown. */
  reset(): void {
    this.typedPhone = this.remembered ? recall(PHONE_KEY) : "";
    this.news.forget();
    if (this.bookedHere) {
      this.bookedHere = false;
      this.bookingId = "";
      this.partsHere.waysIn?.forget();
    }
    this.checkoutController.restart();
  }

  /** Opens the dialog, with `mode="button"` or `"link"`. */
  async open(): Promise<void> {
    if (this.dialogOpen || this.mode === "inline") return;
    this.partLost = false;
    await this.fetchPart("waysIn");
    if (!this.partsHere.waysIn || this.dialogOpen || !this.isConnected) return;
    this.dialogOpen = true;
    this.requestUpdate();
    await this.updateComplete;
    this.partsHere.waysIn.open();
  }

  /** Closes the dialog. A payment under way goes on. */
  close(): void {
    if (!this.dialogOpen) return;
    this.dialogOpen = false;
    this.partsHere.waysIn?.closed();
    this.requestUpdate();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.checkoutController.connect(true);
  }

  disconnectedCallback(): void {
    this.close();
    this.checkoutController.connect(false);
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    const property = propertyOf(name);
    if (name === "lang") {
      this.chosenLanguage = undefined;
      this.requestUpdate();
    } else {
      Object.assign(this, { [property]: value !== null && name === "amount" ? Number(value) : value });
    }
  }

  protected override update(): void {
    this.checkoutController.sync();
    // A page may choose the mode anew, as when a phone is turned.
    if (this.mode === "inline") this.close();
    for (const name of ["theme", "mode"] as const)
      if ((this.getAttribute(name) ?? defaults[name]) !== this[name]) this.setAttribute(name, this[name]);
    render(this.render(), this.renderRoot);
    const target = this.focusNext && this.renderRoot.querySelector<HTMLElement>(this.focusNext);
    // What takes the focus is read out by that, and saying it twice would be noise; what has it already is not.
    const moves = target && target !== this.renderRoot.activeElement;
    if (this.announceNext) this.announce(moves ? "" : this.screenInWords());
    else if (target && !moves) this.announce(this.renderRoot.querySelector("[part=error]")?.textContent ?? "");
    this.announceNext = false;
    this.focusNext = "";
    if (moves) target.focus();
    const part = this.mode === "inline" || this.dialogOpen ? partOf(this.status) : undefined;
    if (part && !this.partsHere[part] && !this.partLost) void this.fetchPart(part);
  }

  private render() {
    const context = this.context();
    if (this.mode === "inline") return this.card(context);
    const inText = this.mode === "link";
    return html`<button
        type="button"
        class=${inText ? "link" : "button primary"}
        part="trigger"
        aria-haspopup="dialog"
        @click=${() => void this.open()}
      >
        <slot>${this.triggerWords(context)}</slot>
      </button>
      ${this.partLost && !this.dialogOpen ? html`<span class="muted" role="status">${context.labels.partMissing}</span>` : nothing}
      ${this.dialogOpen ? this.partsHere.waysIn?.dialog(this.card(context), context) : nothing}`;
  }

  private triggerWords({ labels }: ViewContext): string {
    const { state } = this.checkoutController;
    const { name } = state;
    if (!isKnown(state)) return labels.payTitle;
    if (name === "paid") return labels.paid;
    if (name === "prompted") return labels.onYourPhone;
    if (name === "lapsed") return labels.timeOver;
    if (name === "cancelled") return labels.bookingCancelled;
    return name === "refunded" ? labels.payTitle : fill(labels.pay, { amount: money(state.booking.amountDue) });
  }

  private card(context: ViewContext) {
    const { state, reachable } = this.checkoutController;
    const { labels } = context;
    const trouble = !navigator.onLine ? labels.offline : reachable ? "" : labels.slow;
    const inSummary = isKnown(state) ? state.booking : this.partsHere.waysIn?.offer();
    return html`<div class="card" part="card" role="group" aria-label=${labels.payTitle} lang=${this.language}>
      ${inSummary ? summary(inSummary, context) : html`<div class="summary"></div>`} ${this.screen(state, context)}
      ${trouble ? html`<p class="muted panel">${trouble}</p>` : nothing}
      ${this.partLost ? quietButton(labels.partMissing, () => this.checkoutController.wake()) : nothing}
      <slot name="help"></slot>
      <div class="languages" part="footer">
        ${languagesWith(this.labels).map(
          (language) =>
            html`<button
              type="button"
              class="link"
              lang=${language}
              aria-pressed=${this.language === language}
              @click=${() => {
                this.chosenLanguage = language;
                this.requestUpdate();
              }}
            >
              ${labelsIn(language, this.labels).name}
            </button>`,
        )}
      </div>
      <p id="said" class="unseen" role="status"></p>
    </div>`;
  }

  private screen(state: CheckoutState, context: ViewContext) {
    const { more, waysIn } = this.partsHere;
    const { name } = state;
    if (name === "ready" || name === "sending") return payView(state, context);
    if (name === "manual" && more) return more.manual(state, context);
    if (name === "details" && waysIn) return waysIn.details(context);
    return name === "loading" || name === "manual" || name === "details" ? loading(context) : outcomeView(state, context);
  }

  private announce(sentence: string): void {
    const region = this.renderRoot.querySelector("#said");
    if (region) region.textContent = sentence;
  }

  private screenInWords(): string {
    const { state } = this.checkoutController;
    const labels = labelsIn(this.language, this.labels);
    if (state.name === "sending") return labels.sending;
    const seconds = state.name === "ready" && secondsUntil(state.retryAtMs, Date.now());
    if (seconds) return `${labels.tooSoon} ${waitInWords(seconds, labels)}`;
    return [...this.renderRoot.querySelectorAll("#fact, #title, #text")].map((part) => part.textContent).join(". ");
  }

  /** When a part cannot be had now, the screen says so, and offers to try again. */
  private async fetchPart(name: keyof Parts): Promise<void> {
    try {
      const part = this.partsHere[name] ?? (await fetchers[name](this.partHost));
      if (!this.partsHere[name]) {
        addStyles(this.renderRoot, part.styles);
        Object.assign(this.partsHere, { [name]: part });
        // Why nothing is paid, or booked, could not be said without it.
        if (name === "more" && needsMore(this.checkoutController.state)) this.announceNext = true;
      }
      this.partLost = false;
    } catch {
      this.partLost = true;
    }
    this.requestUpdate();
  }

  private stateChanged(before: CheckoutState, after: CheckoutState): void {
    if (before.name === after.name) {
      // A part has arrived, and the screen stays.
      this.announceNext ||= isKnown(before) && isKnown(after) && after.booking.amountPaid > before.booking.amountPaid;
      return;
    }
    // Only a parent who was working here is moved along, and only when what they used is gone.
    if (this.renderRoot.activeElement) this.focusNext = this.focusAfter(before, after);
    this.announceNext = before.name !== "loading";
    this.news.tell(before, after);
    if ("problem" in after) void this.fetchPart("more").then(() => this.partsHere.more?.explain(after.problem));
  }

  private focusAfter(before: CheckoutState, after: CheckoutState): string {
    if (after.name === "sending" || (before.name === "sending" && after.name === "ready" && !after.phoneError)) return "";
    // What has arrived is news, and the heading is described by it.
    const isNews = before.name !== "failed" && before.name !== "manual" && isKnown(after) && after.booking.amountPaid > 0;
    return after.name === "ready" && !isNews ? "#phone" : "#title";
  }

  private get language(): Language {
    return this.chosenLanguage ?? languageAround(this, this.labels);
  }

  private context(): ViewContext {
    const { typedPhone, remembered, merchant, act, language, partsHere } = this;
    return {
      state: this.checkoutController.state,
      labels: labelsIn(language, this.labels),
      words: (words) => wordsIn(words, language, this.labels),
      nowMs: Date.now(),
      merchant,
      typedPhone,
      remembered,
      phone: this.checkoutController.phone,
      more: partsHere.more,
      act,
    };
  }

  private readonly act: Actions = {
    submit: (event) => {
      event.preventDefault();
      this.focusNext = WRONG_FIELD;
      void this.pay();
    },
    phoneInput: ({ target }) => {
      if (target instanceof HTMLInputElement) this.typedPhone = target.value;
      this.checkoutController.choose("phone-edited");
    },
    remember: ({ target }) => {
      this.remembered = target instanceof HTMLInputElement && target.checked;
      this.keepNumber();
    },
    again: () => void this.pay(),
    edit: () => {
      this.typedPhone = "";
      this.checkoutController.choose("edit");
    },
    reload: () => this.reset(),
    bookAgain: () =>
      void this.fetchPart("waysIn").then(() => {
        if (!this.partsHere.waysIn) return;
        this.bookedHere = true;
        this.reset();
      }),
    payManually: () => void this.fetchPart("more").then(() => this.partsHere.more && this.checkoutController.choose("pay-manually")),
    back: () => this.checkoutController.choose("back"),
  };

  /** Remembers the number only where the parent has ticked that. */
  private keepNumber(): void {
    remember(PHONE_KEY, this.remembered ? this.typedPhone : "");
  }

  private readonly partHost: PartHost = {
    element: this,
    api: () => this.checkoutController.api,
    requestUpdate: () => this.requestUpdate(),
    announce: (sentence) => this.announce(sentence),
    focusWrongField: () => {
      this.focusNext = WRONG_FIELD;
    },
    hear: (booking) => this.checkoutController.hear(booking),
    booked: (bookingId, booking) => {
      this.bookedHere = true;
      if (booking) this.checkoutController.adopt(booking);
      else this.bookingId = bookingId;
    },
    close: () => this.close(),
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "somo-pay": SomoPay;
  }
}
