import { html, nothing } from "lit";
import type { CheckoutState } from "../checkout/checkout-state.ts";
import { money, secondsUntil } from "../internal/format.ts";
import { spinner } from "../internal/icons.ts";
import { shownPhone } from "../internal/phone-number.ts";
import { fill } from "../labels/labels.ts";
import { anotherWay, heading, lockedButton, mainButton, partPaid, say, sayAsOne } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** The form, and the form while its request is on its way: the button turns into its own progress and nothing else changes. */
export function readyView(state: Extract<CheckoutState, { name: "ready" | "sending" }>, context: ViewContext) {
  const { labels, act, nowMs } = context;
  const sending = state.name === "sending";
  const seconds = secondsUntil(state.retryAtMs, nowMs);
  const fact = partPaid(state.booking, context);
  const button = sending
    ? mainButton(html`${spinner}${sayAsOne(labels.sending)}`, undefined, true)
    : lockedButton(fill(labels.pay, { amount: money(state.booking.amountDue) }), undefined, seconds, labels);
  return html`<form class="stage" part="form" novalidate @submit=${act.submit}>
    ${fact} ${heading(labels.payTitle, "", fact)} ${phoneField(state, context)}
    <p class="muted">${say(seconds && !sending ? labels.tooSoon : labels.pinNeverSeen)}</p>
    <div class="actions">
      ${button}
      <span class=${sending ? "away" : "here"}>${anotherWay(state, context)}</span>
    </div>
  </form>`;
}

function phoneField(state: Extract<CheckoutState, { name: "ready" | "sending" }>, context: ViewContext) {
  const {
    labels,
    act,
    phoneField: { typed, remembered },
  } = context;
  const sending = state.name === "sending";
  const refused = state.name === "ready" && state.phoneError;
  const { payment } = state.booking;
  // After a reload only the service knows the number, and it shows it masked.
  const value = sending && !typed && payment ? shownPhone(payment.phone) : typed;
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
      @input=${act.typePhone}
    />
    <p id="hint" class=${refused ? "muted error" : "muted"} part=${refused ? "error" : "hint"}>
      ${say(refused ? labels.phoneInvalid : labels.phoneHint)}
    </p>
    <label class="check">
      <input type="checkbox" .checked=${remembered} ?disabled=${sending} @change=${act.remember} />${say(labels.remember)}
    </label>
  </div>`;
}
