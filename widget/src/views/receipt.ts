/** The money has arrived, or went back: the receipt, and what can be kept. */
import { html, nothing } from "lit";
import { isPayable } from "../checkout/checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout/checkout-state.ts";
import { moment, money } from "../internal/format.ts";
import { exclamation, returned, tick } from "../internal/icons.ts";
import { fill } from "../labels/labels.ts";
import { titled, withFacts } from "./facts.ts";
import { outcomeView } from "./outcome.ts";
import { copyButton, mainButton, quietButton, sayAsOne } from "./parts.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

export function paidView(state: Extract<CheckoutState, { name: "paid" }>, context: ViewContext) {
  const { labels, act, canBookAgain } = context;
  const { booking_status, surplus } = state.booking;
  const isBooked = booking_status === "booked";
  // Of a cancelled booking all of the money is too much, which is said already.
  const tooMuch = surplus && booking_status !== "cancelled" ? withFacts(labels.surplus, state, context) : "";
  return outcomeView({
    icon: isBooked ? tick : exclamation,
    title: state.late ? labels.late : labels.paid,
    text: isBooked ? labels.booked : withFacts(booking_status === "cancelled" ? labels.paidCancelled : labels.paidTooLate, state, context),
    details: html`${tooMuch ? html`<p class="muted">${say(tooMuch)}</p>` : nothing}${receiptPanel(state, context)}`,
    actions: html`${saveReceipt(state, context)}${isBooked ? addToCalendar(state, context) : nothing}
    ${canBookAgain ? quietButton(labels.bookAnother, act.bookAgain) : nothing}`,
  });
}

/** A part that was given back leaves its booking to be paid. */
export function refundedView(state: Extract<CheckoutState, { name: "refunded" }>, context: ViewContext) {
  const { labels, act } = context;
  const isOlder = state.booking.payment?.status !== "refunded";
  const [title, text] = titled(withFacts(isOlder ? labels.refundedBefore : labels.refunded, state, context));
  const payDue = fill(labels.pay, { amount: money(state.booking.amountDue) });
  return outcomeView({
    icon: returned,
    title,
    text,
    details: receiptPanel(state, context),
    actions: html`${isPayable(state.booking) ? mainButton(sayAsOne(payDue), act.edit) : nothing}
    ${state.booking.payment?.receipt ? saveReceipt(state, context) : nothing}`,
  });
}

function receiptPanel({ booking: { payment } }: KnownState, context: ViewContext) {
  const { labels } = context;
  if (!payment?.receipt) return nothing;
  const code = html`<span class="name">${say(labels.receipt)}</span> <b part="receipt-code">${say(payment.receipt)}</b>`;
  const { paidAt } = payment;
  return html`<div class="panel rows" part="receipt">
    ${copyButton(labels.receipt, payment.receipt, code, context)}
    ${paidAt ? html`<p class="entry"><span class="name">${say(labels.paidAt)}</span> <span>${say(moment(paidAt, labels))}</span></p>` : nothing}
  </div>`;
}

const addressOf = ({ booking }: KnownState, { origin }: ViewContext) => `${origin}/api/booking/${encodeURIComponent(booking.bookingId)}`;

/** Made by the service: a file that a page makes cannot be saved in the browsers inside other apps. */
function saveReceipt(state: KnownState, context: ViewContext) {
  const { labels } = context;
  const address = `${addressOf(state, context)}/receipt?lang=${labels.locale}`;
  return html`<a class="button primary" part="secondary-button" href=${address} target="_blank" rel="noopener">
    ${sayAsOne(labels.saveReceipt)}
  </a>`;
}

function addToCalendar(state: KnownState, context: ViewContext) {
  const address = `${addressOf(state, context)}/calendar.ics`;
  return html`<a class="button framed" part="secondary-button" href=${address}>${sayAsOne(context.labels.addToCalendar)}</a>`;
}
