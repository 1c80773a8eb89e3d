/** What several screens are made of. */
import { html, nothing } from "lit/html.js";
import type { KnownState } from "../checkout-state.ts";
import type { BookingView } from "../contract.ts";
import { duration, money, sessionTime } from "../format.ts";
import { fill } from "../labels/labels.ts";
import type { Labels } from "../labels/labels.ts";
import type { ViewContext } from "./view-context.ts";

/** What is paid for; the same on every screen, so that nothing above the change moves. */
export function summary({ amount, session }: Pick<BookingView, "amount" | "session">, { labels, merchant }: ViewContext) {
  return html`<div class="summary" part="summary">
    <p class="amount" part="amount">${money(amount, " ")}</p>
    <p class="what">${session.name}</p>
    <p class="muted">${[session.date && sessionTime(session, labels), merchant].filter(Boolean).join(" · ")}</p>
  </div>`;
}

/** The name does not break at its hyphen; the characters stay what people type and search for. */
export function unbroken(sentence: string) {
  return sentence.split("M-Pesa").map((part, at) => html`${at ? html`<span class="whole">M-Pesa</span>` : nothing}${part}`);
}

/** The screen's heading takes the focus when the control that had it is gone. */
export function heading(title: string, text = "", fact: unknown = nothing) {
  const describedBy = [fact === nothing ? "" : "fact", text && "text"].join(" ").trim();
  return html`<h2 id="title" part="title" tabindex="-1" aria-describedby=${describedBy || nothing}>${unbroken(title)}</h2>
    ${text ? html`<p id="text" class="muted" part="text">${unbroken(text)}</p>` : nothing}`;
}

/** "Try again in 40 seconds". Screen readers read what changes where the focus is, so it counts down in tens. */
export function waitInWords(seconds: number, labels: Labels): string {
  return fill(labels.tryAgainIn, { wait: duration(Math.ceil(seconds / 10) * 10, labels) });
}

/** The one thing to do, once that many seconds are over. */
export function lockedButton(label: unknown, press: (() => void) | undefined, seconds: number, labels: Labels) {
  return seconds ? mainButton(waitInWords(seconds, labels), press, true) : mainButton(label, press);
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

export function quietButton(label: unknown, press: () => void) {
  return html`<button type="button" class="button quiet" part="secondary-button" @click=${press}>${label}</button>`;
}

/** What has arrived, where it is not enough yet. */
export function partPaid({ amountPaid, amountDue }: BookingView, { labels }: ViewContext) {
  if (!amountPaid || !amountDue) return nothing;
  return html`<p id="fact" class="panel">${fill(labels.partPaid, { paid: money(amountPaid), due: money(amountDue) })}</p>`;
}

/** Offered where the site can notice money that was paid by hand. */
export function anotherWay({ booking }: KnownState, { labels, act }: ViewContext) {
  return booking.payManually ? quietButton(labels.anotherWay, act.payManually) : nothing;
}
