import { html, nothing } from "lit";
import type { CheckoutState } from "../checkout/checkout-state.ts";
import { money, secondsUntil } from "../internal/format.ts";
import { shownPhone } from "../internal/phone-number.ts";
import { fill } from "../labels/labels.ts";
import { anotherWay, heading, lockedButton, mainButton, partPaid, sayBusy } from "./parts.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

/** The form, and the form while its request is on its way: the button turns into its own progress and nothing else changes. */
export function readyView(state: Extract<CheckoutState, { name: "ready" | "sending" }>, context: ViewContext) {
  const { labels, act, nowMs, phoneField: field } = context;
  const sending = state.name === "sending";
  const seconds = secondsUntil(state.retryAtMs, nowMs);
  const button = sending
    ? mainButton(sayBusy(labels.sending), undefined, true)
    : lockedButton(fill(labels.pay, { amount: money(state.booking.amountDue) }), undefined, seconds, labels);
  return html`<form class="stage" part="form" novalidate @submit=${act.submit}>
    ${heading({ title: labels.payTitle, fact: partPaid(state.booking, context), isUnseen: true })} ${phoneField(state, context)} ${button}
    <p class="muted">${say(seconds && !sending ? labels.tooSoon : labels.pinNeverSeen)}</p>
    <label class="check">
      <input type="checkbox" .checked=${field.remembered} ?disabled=${sending} @change=${field.onRemember} />${say(labels.remember)}
    </label>
    <div class=${sending ? "actions away" : "actions"}>${anotherWay(state, context)}</div>
  </form>`;
}

function phoneField(state: Extract<CheckoutState, { name: "ready" | "sending" }>, context: ViewContext) {
  const { labels, phoneField: field } = context;
  const sending = state.name === "sending";
  const refused = state.name === "ready" && state.phoneError;
  const { payment } = state.booking;
  // After a reload only the service knows the number, and it shows it masked.
  const value = sending && !field.typed && payment ? shownPhone(payment.phone) : field.typed;
  return html`<div>
    <label for="phone" part="label">${say(labels.phone)}</label>
    <input
      id="phone"
      part="input"
      name="phone"
      type="tel"
      inputmode="tel"
      autocomplete="tel"
      aria-describedby="hint"
      aria-invalid=${refused ? "true" : nothing}
      ?readonly=${sending}
      .value=${value}
      @input=${field.onInput}
    />
    <p id="hint" class=${refused ? "error" : value ? "muted away" : "muted"} part=${refused ? "error" : "hint"}>
      ${say(refused ? labels.phoneInvalid : labels.phoneHint)}
    </p>
  </div>`;
}
