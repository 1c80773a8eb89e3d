import { html, nothing } from "lit";
import type { KnownState } from "../checkout-state.ts";
import type { ManualPayment } from "../contract.ts";
import { money } from "../format.ts";
import { spinner } from "./icons.ts";
import { copyButton, heading, quietButton, warning } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** Paying by M-Pesa's own menu. The page notices the money and shows the receipt by itself. */
export function payManuallyView({ booking }: KnownState, manual: ManualPayment, context: ViewContext) {
  const { labels, act } = context;
  const open = booking.payment && booking.payment.status !== "failed";
  const row = (name: string, value: string, copied = value) =>
    html`<div class="entry">
      <p class="name">${name}</p>
      <p class="code">${value}</p>
      ${copyButton(name, copied, context)}
    </div>`;
  return html`<div class="stage">
    ${heading(labels.anotherWay, manual.paybill ? labels.manualSteps : labels.manualTillSteps)}
    <div class="panel rows">
      ${manual.paybill ? html`${row(labels.paybill, manual.paybill)}${row(labels.account, manual.accountNumber)}` : nothing}
      ${!manual.paybill && manual.till ? row(labels.till, manual.till) : nothing}
      ${row(labels.amount, money(manual.amount), String(manual.amount))}
    </div>
    ${open ? warning(labels.manualOpen) : html`<p class="note">${spinner}<span>${labels.manualWaiting}</span></p>`}
    <div class="actions">${quietButton(labels.back, act.back)}</div>
  </div>`;
}
