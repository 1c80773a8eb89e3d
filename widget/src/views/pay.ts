import { html, nothing } from "lit/html.js";
import type { CheckoutState } from "../checkout-state.ts";
import { money, secondsUntil } from "../format.ts";
import { fill } from "../labels/labels.ts";
import { shownPhone } from "../phone-number.ts";
import { spinner } from "./icons.ts";
import { anotherWay, heading, lockedButton, mainButton, partPaid, unbroken } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** The form, and the form while its request is on its way: the button turns into its own progress and nothing else changes. */
export function payView(state: Extract<CheckoutState, { name: "ready" | "sending" }>, context: ViewContext) {
  const { labels, act, nowMs, typedPhone, remembered } = context;
  const { amountDue, payment } = state.booking;
  const sending = state.name === "sending";
  const refused = state.name === "ready" && state.phoneError;
  // After a reload only the service knows the number, and it shows it masked.
  const value = sending && !typedPhone && payment ? shownPhone(payment.phone) : typedPhone;
  const seconds = secondsUntil(state.retryAtMs, nowMs);
  const fact = partPaid(state.booking, context);
  const button = sending
    ? mainButton(html`${spinner}${labels.sending}`, undefined, true)
    : lockedButton(fill(labels.pay, { amount: money(amountDue) }), undefined, seconds, labels);
  return html`<form class="stage" part="form" novalidate @submit=${act.submit}>
    ${fact} ${heading(labels.payTitle, "", fact)}
    <div>
      <label for="phone" part="label">${unbroken(labels.phone)}</label>
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
        @input=${act.phoneInput}
      />
      <p id="hint" class=${refused ? "muted error" : "muted"} part=${refused ? "error" : "hint"}>
        ${refused ? labels.phoneInvalid : labels.phoneHint}
      </p>
      <label class="check"
        ><input type="checkbox" .checked=${remembered} ?disabled=${sending} @change=${act.remember} />${labels.remember}</label
      >
    </div>
    <p class="muted">${seconds && !sending ? labels.tooSoon : labels.pinNeverSeen}</p>
    <div class="actions">
      ${button}
      <span class=${sending ? "away" : "here"}>${anotherWay(state, context)}</span>
    </div>
  </form>`;
}
