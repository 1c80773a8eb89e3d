/** Paying from M-Pesa's own menu. The page notices the money and shows the receipt by itself. */
import { html, nothing } from "lit";
import { isOpen } from "../checkout/checkout-state.ts";
import type { KnownState } from "../checkout/checkout-state.ts";
import { money } from "../internal/format.ts";
import { spinner } from "../internal/icons.ts";
import { copyButton, heading, partPaid, sayAsOne } from "./parts.ts";
import { shareLink } from "./problem.ts";
import { codeFold } from "./receipt-code.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

export function payManuallyView(state: KnownState, context: ViewContext) {
  const { labels, act } = context;
  const manual = state.booking.payManually;
  if (!manual) return nothing;
  // Before everything that can be copied.
  const warning = isOpen(state.booking) ? labels.manualOpen : "";
  return html`<div class="stage">
    ${heading({ title: labels.anotherWay, fact: partPaid(state.booking, context), text: warning, isWarning: true })}
    <ol class="steps">
      <li>${say(labels.openMpesa)}</li>
      <li>${say(manual.paybill ? labels.choosePaybill : labels.chooseTill)}</li>
      <li>${say(labels.enterThese)}</li>
    </ol>
    <div class="panel rows">
      ${
        manual.paybill
          ? html`${row(labels.paybill, manual.paybill, context)}${row(labels.account, manual.accountNumber, context)}`
          : row(labels.till, manual.till ?? "", context)
      }
      ${row(labels.amount, money(manual.amount, " "), context, String(manual.amount))}
    </div>
    <p class="muted waiting">${spinner} ${say(labels.manualWaiting)}</p>
    <div class="actions">
      ${qrFold(state, context)}${codeFold(state, context)}${shareLink(state, context) ?? nothing}
      <button type="button" class="button quiet back" part="secondary-button" @click=${act.back}>${sayAsOne(labels.back)}</button>
    </div>
  </div>`;
}

function row(name: string, value: string, context: ViewContext, copied = value) {
  return copyButton(name, copied, html`<span class="name">${say(name)}</span> <b>${say(value)}</b>`, context);
}

/** For a parent at a computer: the telephone's camera fills the numbers in. Fetched only once it is opened. */
function qrFold({ booking }: KnownState, { labels, origin, qr, act }: ViewContext) {
  if (!booking.payManually?.paybill) return nothing;
  const address = `${origin}/api/booking/${encodeURIComponent(booking.bookingId)}/qr`;
  const picture = html`<img src=${address} alt=${labels.qr} width="200" height="200" @error=${() => act.showQr(address, true)} />
    <p class="muted">${say(labels.qr)}</p>`;
  return html`<details class="fold scan" @toggle=${() => act.showQr(address, qr.failed)}>
    <summary class="button quiet">${sayAsOne(labels.scan)}</summary>
    ${qr.address !== address ? nothing : qr.failed ? html`<p class="muted">${say(labels.noQr)}</p>` : picture}
  </details>`;
}
