/** The screens after the button, plain and true; what is fetched meanwhile adds drawings, help and things to keep. */
import { html, nothing } from "lit/html.js";
import { isKnown } from "../checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout-state.ts";
import { money } from "../format.ts";
import { fill } from "../labels/labels.ts";
import { shownPhone } from "../phone-number.ts";
import { heading, partPaid } from "./parts.ts";
import type { Said, Unpaid, ViewContext } from "./view-context.ts";

export type Outcome = Unpaid | Extract<CheckoutState, { name: "prompted" | "confirming" | "paid" }>;

/** The number that pays, as much of it as its owner needs to know it by. */
export const payerOf = ({ booking }: KnownState, { phone }: ViewContext) => shownPhone(phone ?? booking.payment?.phone ?? "");

export function outcomeView(state: Outcome, context: ViewContext) {
  const { labels, more } = context;
  const [title, text] = said(state, context);
  // Where nothing more is to be paid, the text says what was received.
  const isPayable = isKnown(state) && /^(prompted|confirming|failed)$/.test(state.name);
  const fact = isPayable ? partPaid(state.booking, context) : nothing;
  const receipt = state.name === "paid" && state.booking.payment?.receipt;
  return html`<div class="stage centred">
    ${fact}
    <div class="art">${more?.drawing(state, context)}</div>
    ${heading(title, text, fact)}
    ${
      receipt
        ? html`<p class="receipt" part="receipt">
            ${labels.receipt} <b part="receipt-code">${receipt}</b>${more?.copyButton(labels.receipt, receipt, context)}
          </p>`
        : nothing
    }
    <div class="actions">${more?.extras(state, context)}</div>
  </div>`;
}

/** Heading and text of a screen; the live region says the same. */
function said(state: Outcome, context: ViewContext): Said {
  const { labels, more } = context;
  switch (state.name) {
    case "prompted": {
      const { amountDue, payment, reference } = state.booking;
      // Money that arrives meanwhile does not change what the prompt asks for.
      const amount = payment?.amount ?? amountDue;
      return [labels.onYourPhone, fill(labels.promptDetails, { phone: payerOf(state, context), amount: money(amount), reference })];
    }
    case "confirming":
      return [labels.confirming, labels.confirmingText];
    case "paid":
      return [
        state.late ? labels.late : labels.paid,
        state.booking.booking_status === "booked" ? labels.booked : (more?.unbooked(state, context) ?? ""),
      ];
    case "lapsed":
    case "cancelled":
      return more?.unpaid(state, context) ?? [state.name === "lapsed" ? labels.timeOver : labels.bookingCancelled];
    case "failed":
    case "refunded":
    case "unavailable":
      return more?.unpaid(state, context) ?? [labels.loading];
  }
}
