import { html, nothing } from "lit";
import type { CheckoutState, KnownState } from "../checkout-state.ts";
import { moment, money } from "../format.ts";
import { fill } from "../labels/labels.ts";
import { shownPhone } from "../phone-number.ts";
import { calendarIcon, downloadIcon, tick } from "./icons.ts";
import { copyButton, heading } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** Paid: what to keep, and nothing left to do. */
export function receiptView({ booking, late }: Extract<CheckoutState, { name: "paid" }>, context: ViewContext) {
  const { labels, act } = context;
  const { payment } = booking;
  return html`<div class="stage centred">
    ${tick} ${heading(late ? labels.paidLate : labels.paid, labels.booked)}
    <div class="panel" part="receipt">
      ${
        payment?.receipt
          ? html`<div class="entry">
              <p class="name">${labels.receipt}</p>
              <p class="code" part="receipt-code">${payment.receipt}</p>
              ${copyButton(labels.receipt, payment.receipt, context)}
            </div>`
          : nothing
      }
      ${payment?.paidAt === undefined ? nothing : html`<p class="facts"><span class="name">${labels.paidAt}</span> ${moment(payment.paidAt, labels)}</p>`}
    </div>
    <div class="actions pair">
      <button type="button" class="button plain" part="secondary-button" @click=${() => act.saveReceipt(booking)}>
        ${downloadIcon}${labels.saveReceipt}
      </button>
      <button type="button" class="button plain" part="secondary-button" @click=${() => act.addToCalendar(booking)}>
        ${calendarIcon}${labels.addToCalendar}
      </button>
    </div>
  </div>`;
}

export function refundedView({ booking }: KnownState, { labels, phone }: ViewContext) {
  const to = shownPhone(phone ?? booking.payment?.phone ?? "");
  return html`<div class="stage centred calm-middle">
    ${tick} ${heading(labels.refunded, fill(labels.refundedText, { amount: money(booking.amount), phone: to }))}
  </div>`;
}
