/** What several screens are made of. */
import { html, nothing } from "lit";
import type { KnownState } from "../checkout/checkout-state.ts";
import type { BookingView } from "../api/contract.ts";
import { duration, money } from "../internal/format.ts";
import { spinner } from "../internal/icons.ts";
import { fill } from "../labels/labels.ts";
import type { Labels } from "../labels/en.ts";
import { shownPhone } from "../internal/phone-number.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

/** A sentence in one piece, for buttons, which lay their contents out in a row. */
export const sayAsOne = (sentence: string) => html`<span>${say(sentence)}</span>`;

/** What a button says while its request is under way. */
export const sayBusy = (sentence: string) => html`<span>${spinner} ${say(sentence)}</span>`;

export interface Heading {
  title: string;
  /** What has arrived of the money, where that is not all of it. */
  fact?: unknown;
  /** Whether money has moved. */
  money?: string;
  text?: string;
  /** Stands out in the text. */
  strong?: string | undefined;
  /** Money may have moved, so the text warns. */
  isWarning?: boolean;
  icon?: unknown;
  /** Only for screen readers: the screen says it by itself. */
  isUnseen?: boolean;
}

/** The screen's heading takes the focus when the control that had it is gone, and is described by what is said below it. */
export function heading({
  title,
  fact = nothing,
  money = "",
  text = "",
  strong = "",
  isWarning = false,
  icon = nothing,
  isUnseen,
}: Heading) {
  const describedBy = [fact !== nothing && "fact", money && "money", text && "text"].filter(Boolean).join(" ");
  return html`${fact}
    <div class=${isUnseen ? "unseen" : "head"}>
      ${icon}
      <h2 id="title" part="title" tabindex="-1" aria-describedby=${describedBy || nothing}>${say(title)}</h2>
    </div>
    ${money ? html`<p id="money" class="money">${say(money)}</p>` : nothing}
    ${text ? html`<p id="text" class=${isWarning ? "warning" : "muted"} part="text">${say(text, strong)}</p>` : nothing}`;
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

export function framedButton(label: string, press: () => void) {
  return html`<button type="button" class="button framed" part="secondary-button" @click=${press}>${sayAsOne(label)}</button>`;
}

export function quietButton(label: string, press: () => void) {
  return html`<button type="button" class="button quiet" part="secondary-button" @click=${press}>${sayAsOne(label)}</button>`;
}

/** Something to unfold. */
export function fold(label: string, contents: unknown, isOpen = false) {
  return html`<details class="fold" ?open=${isOpen}>
    <summary class="button quiet">${sayAsOne(label)}</summary>
    ${contents}
  </details>`;
}

/** `name` is read out with the button; `text` is what gets copied, `shown` what stands on the button. Without https there is no clipboard. */
export function copyButton(name: string, text: string, shown: unknown, { labels, copying }: ViewContext) {
  if (!navigator.clipboard) return html`<div class="entry">${shown}</div>`;
  return html`<button type="button" class="entry" part="copy-button" @click=${() => void copying.copy(name, text)}>
    ${shown}<span class="copy">${say(copying.copied === name ? labels.copied : labels.copy)}</span>
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
