import { html, nothing } from "lit/html.js";
import type { KnownState } from "../checkout-state.ts";
import type { BookingView, ReceiptCheck } from "../contract.ts";
import { secondsUntil } from "../format.ts";
import type { PartHost } from "../part-host.ts";
import { createIdempotencyKey } from "../payments-api.ts";
import { spinner } from "../views/icons.ts";
import { waitInWords } from "../views/parts.ts";
import type { ViewContext } from "../views/view-context.ts";
import { withFacts } from "./unpaid.ts";
import type { MoreWords } from "./words.ts";

const CODE = /^[A-Z0-9]{8,12}$/;

/** The field for the code of M-Pesa's SMS. What the check finds comes with the booking, like every other news. */
export class CodeEntry {
  private readonly host: PartHost;
  private code = "";
  private sending = false;
  private problem: "invalid" | "lost" | undefined;
  private retryAtMs = 0;
  private ticker: ReturnType<typeof setTimeout> | undefined;
  private said: ReceiptCheck["status"] | "wait" | undefined;

  constructor(host: PartHost) {
    this.host = host;
  }

  view(state: KnownState, check: ReceiptCheck, context: ViewContext, words: MoreWords) {
    const { labels, nowMs } = context;
    const checking = this.sending || check.status === "checking";
    const seconds = secondsUntil(this.retryAtMs, nowMs);
    const wait = seconds && waitInWords(seconds, labels);
    const wrong = !wait && this.sentence(state, check, context, words);
    const isWrong = wrong && !checking;
    const sentence = checking ? words.checking : wrong || wait;
    const status = wait ? "wait" : check.status;
    if (this.said && this.said !== status && sentence) queueMicrotask(() => this.host.announce(sentence));
    this.said = status;
    clearTimeout(this.ticker);
    if (wait) this.ticker = setTimeout(this.host.requestUpdate, 1_000);
    return html`<form class="code-entry" novalidate @submit=${(event: Event) => void this.submit(event, state.booking)}>
      <label for="code" part="label">${words.code}</label>
      <div class="pair">
        <input
          id="code"
          part="input"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          maxlength="24"
          size="10"
          aria-describedby="code-hint"
          aria-invalid=${isWrong ? "true" : nothing}
          ?readonly=${checking}
          .value=${this.code || check.code || ""}
          @input=${({ target }: InputEvent) => this.type(target)}
        />
        <button type="submit" class="button framed" part="secondary-button" aria-disabled=${checking || wait ? "true" : nothing}>
          ${checking ? html`${spinner}<span class="unseen">${words.checking}</span>` : words.checkCode}
        </button>
      </div>
      <p id="code-hint" class=${isWrong ? "muted error" : "muted"} part=${isWrong ? "error" : "hint"}>${sentence || words.codeHint}</p>
    </form>`;
  }

  private sentence(state: KnownState, check: ReceiptCheck, context: ViewContext, words: MoreWords): string {
    if (this.problem === "invalid") return words.codeInvalid;
    if (this.problem === "lost") return words.unanswered;
    // What was found belongs to the code that was asked about, not to one that is being typed.
    if (this.code && this.code !== check.code) return "";
    const found = { possible: "", checking: "", not_found: words.not_found_code, not_this_payment: words.not_this_payment };
    const sentence = check.status === "used" || check.status === "unanswered" ? words[check.status] : found[check.status];
    return withFacts(sentence, state, context, words);
  }

  private type(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement) this.code = target.value.replace(/\s/g, "").toUpperCase();
    this.problem = undefined;
    this.host.requestUpdate();
  }

  private async submit(event: Event, { bookingId, receiptCheck }: BookingView): Promise<void> {
    event.preventDefault();
    const api = this.host.api();
    if (this.sending || !api || Date.now() < this.retryAtMs) return;
    this.code ||= receiptCheck?.code ?? "";
    if (!CODE.test(this.code)) {
      this.problem = "invalid";
      this.host.focusWrongField();
      this.host.requestUpdate();
      return;
    }
    this.sending = true;
    this.problem = undefined;
    this.host.requestUpdate();
    const answer = await api.post("/api/pay/code", { bookingId, code: this.code }, { "Idempotency-Key": createIdempotencyKey() });
    this.sending = false;
    if (answer.kind === "booking") this.host.hear(answer.booking);
    else if (answer.kind !== "refused") this.problem = "lost";
    else if (answer.retryAfterMs) this.retryAtMs = Date.now() + answer.retryAfterMs;
    else this.problem = answer.problem === "misconfigured" ? "invalid" : "lost";
    if (this.problem) this.host.focusWrongField();
    this.host.requestUpdate();
  }
}
