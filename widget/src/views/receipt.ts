/** Paid: the receipt, and what can be kept. */
import { html, nothing } from "lit";
import type { CheckoutState, KnownState } from "../checkout/checkout-state.ts";
import { moment } from "../internal/format.ts";
import { badge } from "../internal/icons.ts";
import { withFacts } from "./facts.ts";
import { outcomeView } from "./outcome.ts";
import { copyButton, quietButton, say, sayAsOne } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

export function paidView(state: Extract<CheckoutState, { name: "paid" }>, context: ViewContext) {
  const { labels } = context;
  const isBooked = state.booking.booking_status === "booked";
  return outcomeView({
    drawing: badge(isBooked),
    said: [state.late ? labels.late : labels.paid, isBooked ? labels.booked : unbookedWords(state, context)],
    details: receiptPanel(state, context),
    actions: keepsakes(state, context),
  });
}

/** All is paid and nothing is booked. */
function unbookedWords(state: KnownState, context: ViewContext): string {
  const { labels } = context;
  return withFacts(state.booking.booking_status === "cancelled" ? labels.paidCancelled : labels.paidTooLate, state, context);
}

function receiptPanel({ booking }: KnownState, context: ViewContext) {
  const { labels } = context;
  const code = booking.payment?.receipt;
  if (!code) return nothing;
  return html`<p class="receipt" part="receipt">
    ${say(labels.receipt)} <b part="receipt-code">${say(code)}</b>${copyButton(labels.receipt, code, context)}
  </p>`;
}

/** Made by the service: a file that a page makes cannot be saved in the browsers inside other apps. */
function keepsakes(state: KnownState, context: ViewContext) {
  const { booking } = state;
  const { labels, act, origin, canBookAgain } = context;
  const { booking_status, surplus } = booking;
  const address = `${origin}/api/booking/${encodeURIComponent(booking.bookingId)}`;
  const paidAt = booking.payment?.paidAt;
  // Of a cancelled booking all of the money is too much, which is said already.
  const tooMuch = surplus && booking_status !== "cancelled" ? withFacts(labels.surplus, state, context) : "";
  return html`${tooMuch ? html`<p class="muted surplus">${say(tooMuch)}</p>` : nothing}
    ${paidAt ? html`<p class="muted paid-at">${say(`${labels.paidAt} ${moment(paidAt, labels)}`)}</p>` : nothing}
    <div class="pair">
      <a class="button framed" part="secondary-button" href=${`${address}/receipt?lang=${labels.locale}`} target="_blank" rel="noopener">
        ${sayAsOne(labels.saveReceipt)}
      </a>
      ${
        booking_status === "booked"
          ? html`<a class="button framed" part="secondary-button" href=${`${address}/calendar.ics`}>${sayAsOne(labels.addToCalendar)}</a>`
          : nothing
      }
    </div>
    ${canBookAgain ? quietButton(labels.bookAnother, act.bookAgain) : nothing}`;
}
