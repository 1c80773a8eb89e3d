/** How a page without a booking, or without room, leads to the payment: the details of a booking, and the dialog. */
import { html } from "lit/html.js";
import type { BookingView } from "../contract.ts";
import { isRecord } from "../parse-booking.ts";
import type { PartHost } from "../part-host.ts";
import { createIdempotencyKey } from "../payments-api.ts";
import { recall, remember } from "../storage.ts";
import { spinner } from "../views/icons.ts";
import type { ViewContext } from "../views/view-context.ts";
import { DetailsForm } from "./details-form.ts";
import type { Details } from "./details-form.ts";
import { DialogKeeper } from "./dialog.ts";
import { SomoPayBookedEvent, SomoPayCloseEvent, SomoPayOpenEvent } from "./events.ts";
import { waysInStyles } from "./ways-in.styles.ts";
import { waysInWords } from "./words.ts";

/** A parent who comes back within this time goes on with the booking that was made here. */
const REMEMBER_MS = 2 * 3_600_000;
const TRIES = 3;
const RETRY_PAUSE_MS = 1_500;

type Offer = Pick<BookingView, "amount" | "session">;

export class WaysIn {
  readonly styles = waysInStyles;
  private readonly host: PartHost;
  private readonly form: DetailsForm;
  private readonly keeper: DialogKeeper;
  private offered: Offer | undefined;
  private begun = "";
  private resuming = false;
  /** A request whose answer was lost is repeated with its key, so that one form never makes two bookings. */
  private unanswered: { key: string; body: string } | undefined;

  constructor(host: PartHost) {
    this.host = host;
    this.form = new DetailsForm(host, (details) => this.book(details));
    this.keeper = new DialogKeeper(host.element.renderRoot, host.close);
  }

  dialog(card: unknown, { labels, words }: ViewContext) {
    return html`<dialog part="dialog" aria-label=${labels.payTitle} @close=${this.host.close}>
      <button type="button" class="button close" part="close-button" aria-label=${words(waysInWords).close} @click=${this.host.close}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18" /></svg>
      </button>
      ${card}
    </dialog>`;
  }

  open(): void {
    this.keeper.open();
    this.host.element.dispatchEvent(new SomoPayOpenEvent());
  }

  closed(): void {
    this.keeper.closed();
    this.host.element.dispatchEvent(new SomoPayCloseEvent());
  }

  /** The form; what was booked here a while ago comes first. */
  details(context: ViewContext) {
    const key = this.memory();
    if (this.begun !== key) {
      this.begun = key;
      void this.resume();
      void this.readOffer();
    }
    return this.resuming
      ? html`<div class="stage centred"><p class="muted">${spinner}${context.labels.loading}</p></div>`
      : this.form.view(context);
  }

  /** What is being booked, as the price list says; nothing while that is not known. */
  offer(): Offer | undefined {
    return this.offered;
  }

  forget(): void {
    remember(this.memory(), "");
    this.begun = "";
  }

  private memory(): string {
    const { siteKey, sessionType } = this.host.element;
    return `somopay-booking:${siteKey}:${sessionType}`;
  }

  private async resume(): Promise<void> {
    const [bookingId = "", atMs] = recall(this.memory()).split(" ");
    const api = this.host.api();
    if (!bookingId || !api || Date.now() - Number(atMs) > REMEMBER_MS) return;
    this.resuming = true;
    const answer = await api.readBooking(bookingId);
    this.resuming = false;
    if (answer.kind === "booking") this.host.booked(bookingId, answer.booking);
    else if (answer.kind === "lost") this.host.booked(bookingId);
    else remember(this.memory(), "");
    this.host.requestUpdate();
  }

  private async readOffer(): Promise<void> {
    const { siteKey, sessionType } = this.host.element;
    const origin = this.host.api()?.origin;
    const list: unknown = await fetch(`${origin}/api/session-types`, { headers: { "X-Site-Key": siteKey }, credentials: "omit" })
      .then((response) => response.json())
      .catch(() => undefined);
    if (!Array.isArray(list)) return;
    const found: unknown = list.find((type) => isRecord(type) && type["code"] === sessionType);
    if (isRecord(found) && typeof found["amount"] === "number") {
      const session = { sessionType, name: String(found["name"]), date: "", time: "" };
      this.offered = { amount: found["amount"], session };
      this.host.requestUpdate();
    } else {
      console.error(`<somo-pay>: the price list has no session type "${sessionType}".`);
    }
  }

  private async book(details: Details) {
    const { siteKey, sessionType } = this.host.element;
    const request = { sessionType, ...details };
    const body = JSON.stringify(request);
    const key = this.unanswered?.body === body ? this.unanswered.key : createIdempotencyKey();
    this.unanswered = { key, body };
    for (let tries = 1; tries <= TRIES; tries++) {
      const answer = await this.host.api()?.post("/api/bookings", request, { "X-Site-Key": siteKey, "Idempotency-Key": key });
      if (answer?.kind === "booking") {
        this.unanswered = undefined;
        const { booking } = answer;
        const { bookingId, reference } = booking;
        remember(this.memory(), `${bookingId} ${Date.now()}`);
        this.host.booked(bookingId, booking);
        this.host.element.dispatchEvent(new SomoPayBookedEvent({ bookingId, reference, booking }));
        return undefined;
      }
      if (answer?.kind === "refused") {
        this.unanswered = undefined;
        const { problem, code } = answer;
        if (code === "date_in_past") return "dateInPast";
        if (problem === "not_allowed")
          console.error("<somo-pay>: the service allows no booking from here: see site-key and allowedOrigins.");
        return problem === "too_many" ? "tooMany" : "checkDetails";
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
    }
    return "notBooked";
  }
}
