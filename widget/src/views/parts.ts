/** What several screens are made of. */
import { html, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { KnownState } from "../checkout/checkout-state.ts";
import type { BookingView } from "../api/contract.ts";
import { duration, money } from "../internal/format.ts";
import { fill } from "../labels/labels.ts";
import type { Labels } from "../labels/en.ts";
import { shownPhone } from "../internal/phone-number.ts";
import type { ViewContext } from "./view-context.ts";

/**
 * A sentence. Browsers that translate a page replace its text nodes, and Lit would go on writing into those that it made: so another sentence
 * gets nodes of its own. "M-Pesa" does not break at its hyphen; its characters stay what people type and search for.
 */
export function say(sentence: string) {
  const parts = sentence.split("M-Pesa").map((part, at) => html`${at ? html`<span class="whole">M-Pesa</span>` : nothing}${part}`);
  return keyed(sentence, parts);
}

/** The same in one piece, for buttons, which lay their contents out in a row. */
export const sayAsOne = (sentence: string) => html`<span>${say(sentence)}</span>`;

/** The screen's heading takes the focus when the control that had it is gone. */
export function heading(title: string, text = "", fact: unknown = nothing) {
  const describedBy = [fact === nothing ? "" : "fact", text && "text"].join(" ").trim();
  return html`<h2 id="title" part="title" tabindex="-1" aria-describedby=${describedBy || nothing}>${say(title)}</h2>
    ${text ? html`<p id="text" class="muted" part="text">${say(text)}</p>` : nothing}`;
}

/** The number that pays, as much of it as its owner needs to know it by. */
export const payerOf = ({ booking }: KnownState, { phone }: ViewContext) => shownPhone(phone ?? booking.payment?.phone ?? "");

/** "Try again in 40 seconds". Screen readers read what changes where the focus is, so it counts down in tens. */
export function waitInWords(seconds: number, labels: Labels): string {
  return fill(labels.tryAgainIn, { wait: duration(Math.ceil(seconds / 10) * 10, labels) });
}

/** The one thing to do, once that many seconds are over. */
export function lockedButton(label: string, press: (() => void) | undefined, seconds: number, labels: Labels) {
  return seconds ? mainButton(sayAsOne(waitInWords(seconds, labels)), press, true) : mainButton(sayAsOne(label), press);
}

/** The one thing to do. Locked, it stays readable and can have the focus, and does nothing. */
export function mainButton(label: unknown, press: (() => void) | undefined, locked = false) {
  return html`<button
    type=${press ? "button" : "submit"}
    class="button primary"
    part="button"
    aria-disabled=${locked ? "true" : nothing}
    @click=${press}
  >
    ${label}
  </button>`;
}

export function quietButton(label: string, press: () => void) {
  return html`<button type="button" class="button quiet" part="secondary-button" @click=${press}>${sayAsOne(label)}</button>`;
}

/** `name` is read out with the button; `text` is what gets copied. */
export function copyButton(name: string, text: string, { labels, copied, act }: ViewContext) {
  // Without https there is no clipboard to copy to.
  if (!navigator.clipboard) return nothing;
  return html`<button
    type="button"
    class="button copy"
    part="copy-button"
    aria-label=${`${labels.copy}: ${name} ${text}`}
    @click=${() => act.copy(name, text)}
  >
    ${say(copied === name ? labels.copied : labels.copy)}
  </button>`;
}

/** What has arrived, where it is not enough yet. */
export function partPaid({ amountPaid, amountDue }: BookingView, { labels }: ViewContext) {
  if (!amountPaid || !amountDue) return nothing;
  return html`<p id="fact" class="panel">${say(fill(labels.partPaid, { paid: money(amountPaid), due: money(amountDue) }))}</p>`;
}

/** Offered where the site can notice money that was paid by hand. */
export function anotherWay({ booking }: KnownState, { labels, act }: ViewContext) {
  return booking.payManually ? quietButton(labels.anotherWay, act.payManually) : nothing;
}
