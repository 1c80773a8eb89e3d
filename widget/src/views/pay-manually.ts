/** Paying from M-Pesa's own menu. The page notices the money and shows the receipt by itself. */
import { html, nothing } from "lit";
import { isOpen } from "../checkout/checkout-state.ts";
import type { KnownState } from "../checkout/checkout-state.ts";
import { money } from "../internal/format.ts";
import { spinner } from "../internal/icons.ts";
import { copyButton, heading, partPaid, quietButton, say } from "./parts.ts";
import { shareLink } from "./problem.ts";
import { codeFold } from "./receipt-code.ts";
import type { ViewContext } from "./view-context.ts";

export function payManuallyView(state: KnownState, context: ViewContext) {
  const { labels, act } = context;
  const manual = state.booking.payManually;
  if (!manual) return nothing;
  const fact = partPaid(state.booking, context);
  return html`<div class="stage">
    ${fact} ${heading(labels.anotherWay, manual.paybill ? labels.manualSteps : labels.manualTillSteps, fact)}
    <div class="panel rows">
      ${
        manual.paybill
          ? html`${row(labels.paybill, manual.paybill, context)}${row(labels.account, manual.accountNumber, context)}`
          : row(labels.till, manual.till ?? "", context)
      }
      ${row(labels.amount, money(manual.amount, " "), context, String(manual.amount))}
    </div>
    <div class="waiting">
      ${
        isOpen(state.booking)
          ? html`<p class="muted error">${say(labels.manualOpen)}</p>`
          : html`<p class="muted">${spinner} ${say(labels.manualWaiting)}</p>`
      }
      ${qrFold(state, context)}
    </div>
    <div class="actions">${codeFold(state, context)}${quietButton(labels.back, act.back)}${shareLink(state, context)}</div>
  </div>`;
}

function row(name: string, value: string, context: ViewContext, copied = value) {
  return html`<div class="entry">
    <p class="muted">${say(name)}</p>
    <p class="what">${say(value)}</p>
    ${copyButton(name, copied, context)}
  </div>`;
}

/** For a parent at a computer: the telephone's camera fills the numbers in. Fetched only once it is opened. */
function qrFold({ booking }: KnownState, { labels, origin, qr, act }: ViewContext) {
  if (!booking.payManually?.paybill) return nothing;
  const address = `${origin}/api/booking/${encodeURIComponent(booking.bookingId)}/qr`;
  const picture = html`<img src=${address} alt=${labels.qr} width="200" height="200" @error=${() => act.showQr(address, true)} />
    <p class="muted">${say(labels.qr)}</p>`;
  return html`<details class="scan" @toggle=${() => act.showQr(address, qr.failed)}>
    <summary>${say(labels.scan)}</summary>
    ${qr.address !== address ? nothing : qr.failed ? html`<p class="muted">${say(labels.noQr)}</p>` : picture}
  </details>`;
}
