/** What several screens are made of. */
import { html, nothing } from "lit";
import type { KnownState } from "../checkout-state.ts";
import { money, sessionTime } from "../format.ts";
import { alertIcon, checkIcon, copyIcon } from "./icons.ts";
import type { ViewContext } from "./view-context.ts";

/** What is paid for; the same on every screen, so that nothing above the change moves. */
export function summary({ booking }: KnownState, { labels, merchant }: ViewContext) {
  return html`<header class="summary" part="summary">
    <p class="amount" part="amount">${money(booking.amount)}</p>
    <p class="what">${booking.session.name}</p>
    <p class="meta"><span>${sessionTime(booking, labels)}</span>${merchant ? html` <span class="merchant">${merchant}</span>` : nothing}</p>
  </header>`;
}

/** The name does not break at its hyphen; the characters stay what people type and search for. */
function unbroken(sentence: string) {
  return sentence.split("M-Pesa").map((part, at) => html`${at ? html`<span class="whole">M-Pesa</span>` : nothing}${part}`);
}

/** The screen's heading takes the focus when the control that had it is gone. */
export function heading(title: string, text = "") {
  return html`<h2 id="title" class="title" part="title" tabindex="-1" aria-describedby=${text ? "text" : nothing}>${unbroken(title)}</h2>
    ${text ? html`<p id="text" class="text" part="text">${unbroken(text)}</p>` : nothing}`;
}

export function primaryButton(label: unknown, press: () => void, locked = false) {
  return html`<button type="button" class="button primary" part="button" aria-disabled=${locked ? "true" : nothing} @click=${press}>
    ${label}
  </button>`;
}

export function quietButton(label: unknown, press: () => void) {
  return html`<button type="button" class="button quiet" part="secondary-button" @click=${press}>${label}</button>`;
}

/** `name` is read out with the button; `text` is what gets copied. */
export function copyButton(name: string, text: string, { labels, copied, act }: ViewContext) {
  const done = copied === name;
  // Without https there is no clipboard to copy to.
  if (!navigator.clipboard) return nothing;
  return html`<button
    type="button"
    class="copy"
    part="copy-button"
    aria-label="${labels.copy}: ${name}"
    @click=${() => act.copy(name, text)}
  >
    ${done ? checkIcon : copyIcon}<span>${done ? labels.copied : labels.copy}</span>
  </button>`;
}

export function warning(sentence: string) {
  return html`<p class="warning">${alertIcon}<span>${sentence}</span></p>`;
}
