/** Everything beside the way from the number to the receipt; fetched when a prompt is on its way, or when it is asked for. */
import { html, nothing } from "lit/html.js";
import { isOpen, promptEndsAtMs } from "../checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout-state.ts";
import { duration, moment, money, secondsUntil } from "../format.ts";
import { fill } from "../labels/labels.ts";
import type { PartHost } from "../part-host.ts";
import type { Problem } from "../problem.ts";
import { spinner } from "../views/icons.ts";
import { anotherWay, heading, mainButton, partPaid, quietButton } from "../views/parts.ts";
import type { MoreViews, Said, Unpaid, ViewContext } from "../views/view-context.ts";
import { CodeEntry } from "./code-entry.ts";
import { badge, phoneInRing } from "./drawings.ts";
import { moreStyles } from "./more.styles.ts";
import { explainToOwner } from "./owner-help.ts";
import { shareAddress } from "./share.ts";
import { isOthers, mayHavePaid, payAfterRefund, remedies, unbookedWords, unpaidWords, withFacts } from "./unpaid.ts";
import { moreWords } from "./words.ts";

/** By then most prompts have shown up; asking earlier would only unsettle. */
const NO_PROMPT_AFTER_MS = 20_000;
/** How long a copy button says "Copied". */
const COPIED_MS = 2_000;

export class More implements MoreViews {
  readonly styles = moreStyles;
  private readonly host: PartHost;
  private readonly codeEntry: CodeEntry;
  private copied: string | undefined;
  private wasLocked = false;
  /** The address of the picture that was asked for, and whether none came from it. */
  private scanning = "";
  private noQr = false;
  private copiedTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: PartHost) {
    this.host = host;
    this.codeEntry = new CodeEntry(host);
  }

  explain(problem: Problem): void {
    explainToOwner(problem, this.host);
  }

  unpaid(state: Unpaid, context: ViewContext): Said {
    return unpaidWords(state, context, this.canBookAgain());
  }

  unbooked(state: KnownState, context: ViewContext): string {
    return unbookedWords(state, context);
  }

  drawing(state: CheckoutState, context: ViewContext) {
    const { name } = state;
    if (name === "prompted") return this.ring(state, context);
    if (isOthers(state, context)) return phoneInRing(1);
    return name === "confirming"
      ? phoneInRing()
      : badge(name === "refunded" || (name === "paid" && state.booking.booking_status === "booked"));
  }

  /** The page notices the money and shows the receipt by itself. */
  manual(state: KnownState, context: ViewContext) {
    const { labels, act } = context;
    const manual = state.booking.payManually;
    if (!manual) return nothing;
    const words = context.words(moreWords);
    const row = (name: string, value: string, copied = value) =>
      html`<div class="entry">
        <p class="muted">${name}</p>
        <p class="what">${value}</p>
        ${this.copyButton(name, copied, context)}
      </div>`;
    const fact = partPaid(state.booking, context);
    return html`<div class="stage">
      ${fact} ${heading(labels.anotherWay, manual.paybill ? words.manualSteps : words.manualTillSteps, fact)}
      <div class="panel rows">
        ${
          manual.paybill
            ? html`${row(words.paybill, manual.paybill)}${row(words.account, manual.accountNumber)}`
            : row(words.till, manual.till ?? "")
        }
        ${row(words.amount, money(manual.amount, " "), String(manual.amount))}
      </div>
      <div class="waiting">
        ${
          isOpen(state.booking)
            ? html`<p class="muted error">${words.manualOpen}</p>`
            : html`<p class="muted">${spinner} ${words.manualWaiting}</p>`
        }
        ${this.scan(state, context)}
      </div>
      <div class="actions">${this.codeFold(state, context)}${quietButton(words.back, act.back)}${this.shareLink(state, context)}</div>
    </div>`;
  }

  /** For a parent at a computer: the telephone's camera fills the numbers in. Fetched only once it is opened. */
  private scan({ booking }: KnownState, context: ViewContext) {
    const api = this.host.api();
    if (!api || !booking.payManually?.paybill) return nothing;
    const words = context.words(moreWords);
    const address = `${api.origin}/api/booking/${encodeURIComponent(booking.bookingId)}/qr`;
    const picture = html`<img src=${address} alt=${words.qr} width="200" height="200" @error=${() => this.scanned(address, true)} />
      <p class="muted">${words.qr}</p>`;
    return html`<details class="scan" @toggle=${() => this.scanned(address, this.noQr)}>
      <summary>${words.scan}</summary>
      ${this.scanning !== address ? nothing : this.noQr ? html`<p class="muted">${words.noQr}</p>` : picture}
    </details>`;
  }

  private scanned(address: string, noQr: boolean): void {
    this.noQr = noQr && this.scanning === address;
    this.scanning = address;
    this.host.requestUpdate();
  }

  extras(state: CheckoutState, context: ViewContext) {
    const { name } = state;
    if (name === "prompted") return html`${this.cures(state, context)}${anotherWay(state, context)}`;
    if (name === "confirming") return this.codeField(state, context);
    if (name === "paid") return this.keepsakes(state, context);
    if (name === "refunded") return payAfterRefund(state, context);
    if (name === "lapsed" || name === "cancelled") return this.over(state, context);
    if (name === "unavailable") return remedies(state, context);
    if (name !== "failed") return nothing;
    const locked = state.retryAtMs > context.nowMs;
    // Nothing would be read when the wait is over, and who cannot see the button would go on waiting.
    if (this.wasLocked && !locked) this.host.announce(context.words(moreWords).tryAgain);
    this.wasLocked = locked;
    const next = html`${remedies(state, context)}${anotherWay(state, context)}`;
    return state.problem === "unknown" ? html`${this.unknown(state, context)}${next}` : html`${next}${this.shareLink(state, context)}`;
  }

  copyButton(name: string, text: string, context: ViewContext) {
    const words = context.words(moreWords);
    // Without https there is no clipboard to copy to.
    if (!navigator.clipboard) return nothing;
    return html`<button
      type="button"
      class="button copy"
      part="copy-button"
      aria-label=${`${words.copy}: ${name} ${text}`}
      @click=${() => void this.copy(name, text, words.copied)}
    >
      ${this.copied === name ? words.copied : words.copy}
    </button>`;
  }

  private async copy(name: string, text: string, copied: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return; // The browser does not allow it; the text stands there to be copied by hand.
    }
    this.say(name, `${copied}: ${name}`);
    clearTimeout(this.copiedTimer);
    this.copiedTimer = setTimeout(() => this.say(undefined, ""), COPIED_MS);
  }

  private say(copied: string | undefined, sentence: string): void {
    this.copied = copied;
    this.host.announce(sentence);
    this.host.requestUpdate();
  }

  private cures(state: KnownState, { words, nowMs }: ViewContext) {
    const { noPrompt, unlock, signal, update } = words(moreWords);
    const endsAtMs = promptEndsAtMs(state) ?? nowMs;
    const since = nowMs - ((state.booking.payment?.requestedAt ?? endsAtMs) - state.skewMs);
    return html`<details class=${since >= NO_PROMPT_AFTER_MS ? "fold" : "fold away"}>
      <summary class="button quiet">${noPrompt}</summary>
      <ul>
        <li>${unlock}</li>
        <li>${signal}</li>
        <li>${update}</li>
      </ul>
    </details>`;
  }

  /** The ring empties while the prompt is on the phone. */
  private ring(state: KnownState, context: ViewContext) {
    const { labels, nowMs } = context;
    const words = context.words(moreWords);
    const endsAtMs = promptEndsAtMs(state) ?? 0;
    const startedAtMs = (state.booking.payment?.requestedAt ?? 0) - state.skewMs;
    const seconds = secondsUntil(endsAtMs, nowMs);
    const share = Math.min(1, (seconds * 1_000) / Math.max(1, endsAtMs - startedAtMs));
    return html`${phoneInRing(endsAtMs ? share : 1)}
      <p class="timer" role="timer">${seconds ? fill(words.left, { wait: duration(seconds, labels) }) : words.promptEnding}</p>`;
  }

  /** Whoever entered the PIN has a code, and the code settles it. */
  private unknown(state: KnownState, context: ViewContext) {
    if (state.booking.receiptCheck) return this.codeField(state, context);
    const words = context.words(moreWords);
    return html`<p class="muted send-code">${withFacts(words.sendCode, state, context, words)}</p>`;
  }

  private codeField(state: KnownState, context: ViewContext) {
    const { receiptCheck } = state.booking;
    return receiptCheck ? this.codeEntry.view(state, receiptCheck, context, context.words(moreWords)) : nothing;
  }

  /** On a screen with numbers to copy, the field waits until somebody has paid. */
  private codeFold(state: KnownState, context: ViewContext) {
    const { receiptCheck } = state.booking;
    if (!receiptCheck) return nothing;
    return html`<details class="code-fold" ?open=${receiptCheck.status !== "possible"}>
      <summary class="button quiet">${context.words(moreWords).codeFold}</summary>
      ${this.codeField(state, context)}
    </details>`;
  }

  private shareLink(state: KnownState, context: ViewContext) {
    const words = context.words(moreWords);
    const address = shareAddress(state, this.host, words);
    return address
      ? html`<a class="button quiet share" part="secondary-button" href=${address} target="_blank" rel="noopener">${words.share}</a>`
      : nothing;
  }

  /** Made by the service: a file that a page makes cannot be saved in the browsers inside other apps. */
  private keepsakes(state: KnownState, context: ViewContext) {
    const { booking } = state;
    const { labels, act } = context;
    const words = context.words(moreWords);
    const { booking_status, surplus } = booking;
    const address = `${this.host.api()?.origin}/api/booking/${encodeURIComponent(booking.bookingId)}`;
    const paidAt = booking.payment?.paidAt;
    // Of a cancelled booking all of the money is too much, which is said already.
    const tooMuch = surplus && booking_status !== "cancelled" ? withFacts(words.surplus, state, context, words) : "";
    return html`${tooMuch ? html`<p class="muted surplus">${tooMuch}</p>` : nothing}
      ${paidAt ? html`<p class="muted paid-at">${words.paidAt} ${moment(paidAt, labels)}</p>` : nothing}
      <div class="pair">
        <a class="button framed" part="secondary-button" href=${`${address}/receipt?lang=${labels.locale}`} target="_blank" rel="noopener">
          ${words.saveReceipt}
        </a>
        ${
          booking_status === "booked"
            ? html`<a class="button framed" part="secondary-button" href=${`${address}/calendar.ics`}>${words.addToCalendar}</a>`
            : nothing
        }
      </div>
      ${this.canBookAgain() ? quietButton(words.bookAnother, act.bookAgain) : nothing}`;
  }

  /** A code still counts: money that was sent in time finds its booking, or the owner. */
  private over(state: KnownState, context: ViewContext) {
    const words = context.words(moreWords);
    const { act } = context;
    const code = mayHavePaid(state) ? this.unknown(state, context) : this.codeFold(state, context);
    if (!this.canBookAgain()) return code;
    return html`${code}${
      state.booking.amountPaid ? quietButton(words.bookAnother, act.bookAgain) : mainButton(words.bookAgain, act.bookAgain)
    }`;
  }

  private canBookAgain(): boolean {
    const { sessionType, siteKey } = this.host.element;
    return Boolean(sessionType && siteKey);
  }
}
