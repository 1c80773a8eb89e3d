/** The field for the code of M-Pesa's SMS. */
import { html, nothing } from "lit";
import type { KnownState } from "../checkout/checkout-state.ts";
import type { ReceiptCheck } from "../api/contract.ts";
import { secondsUntil } from "../internal/format.ts";
import { spinner } from "../internal/icons.ts";
import { withFacts } from "./facts.ts";
import { fold, sayAsOne, waitInWords } from "./parts.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

/** Nothing where the site cannot check codes. */
export function codeField(state: KnownState, context: ViewContext) {
  const { receiptCheck } = state.booking;
  return receiptCheck ? field(state, receiptCheck, context) : nothing;
}

/** Whoever entered the PIN has a code, and the code settles it: here, or with the owner. */
export function codeOrOwner(state: KnownState, context: ViewContext) {
  if (state.booking.receiptCheck) return codeField(state, context);
  return html`<p class="muted send-code">${say(withFacts(context.labels.sendCode, state, context))}</p>`;
}

/** On a screen with numbers to copy, the field waits until somebody has paid. */
export function codeFold(state: KnownState, context: ViewContext) {
  const { receiptCheck } = state.booking;
  if (!receiptCheck) return nothing;
  return fold(context.labels.codeFold, codeField(state, context), receiptCheck.status !== "possible");
}

function field(state: KnownState, check: ReceiptCheck, context: ViewContext) {
  const { labels, nowMs, code } = context;
  const checking = code.sending || check.status === "checking";
  const seconds = secondsUntil(code.retryAtMs, nowMs);
  const wait = seconds ? waitInWords(seconds, labels) : "";
  const wrong = wait ? "" : wrongness(state, check, context);
  const isWrong = wrong !== "" && !checking;
  return html`<form class="code-entry" novalidate @submit=${code.onSubmit}>
    <label for="code" part="label">${say(labels.code)}</label>
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
      .value=${code.typed || check.code || ""}
      @input=${code.onInput}
    />
    <p id="code-hint" class=${isWrong ? "muted error" : "muted"} part=${isWrong ? "error" : "hint"}>
      ${say((checking ? labels.checking : wrong || wait) || labels.codeHint)}
    </p>
    <button type="submit" class="button primary" part="secondary-button" aria-disabled=${checking || wait ? "true" : nothing}>
      ${checking ? html`${spinner}<span class="unseen">${labels.checking}</span>` : sayAsOne(labels.checkCode)}
    </button>
  </form>`;
}

/** What is wrong with the code, as far as that is known. */
function wrongness(state: KnownState, check: ReceiptCheck, context: ViewContext): string {
  const { labels, code } = context;
  if (code.problem === "invalid") return labels.codeInvalid;
  if (code.problem === "lost") return labels.unanswered;
  // What was found belongs to the code that was asked about, not to one that is being typed.
  if (code.typed && code.typed !== check.code) return "";
  const found: Record<ReceiptCheck["status"], string> = {
    possible: "",
    checking: "",
    not_found: labels.not_found_code,
    not_this_payment: labels.not_this_payment,
    used: labels.used,
    unanswered: labels.unanswered,
  };
  return withFacts(found[check.status], state, context);
}
