import { html, nothing } from "lit";
import type { CheckoutState } from "../checkout-state.ts";
import { duration, money, secondsUntil } from "../format.ts";
import { fill } from "../labels/labels.ts";
import { shownPhone } from "../phone-number.ts";
import { alertIcon, shieldIcon, spinner } from "./icons.ts";
import { heading, quietButton } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** The form, and the form while its request is on its way: the button turns into its own progress and nothing else changes. */
export function payView(state: Extract<CheckoutState, { name: "ready" | "sending" }>, context: ViewContext) {
  const { labels, act, nowMs, typed } = context;
  const sending = state.name === "sending";
  const refused = state.name === "ready" && state.phoneError;
  const lockedSeconds = sending ? 0 : secondsUntil(state.retryAtMs, nowMs);
  // After a reload only the service knows the number, and it shows it masked.
  const value = sending && !typed && state.booking.payment ? shownPhone(state.booking.payment.phone) : typed;
  const ask = lockedSeconds ? fill(labels.tryAgainIn, { wait: duration(lockedSeconds, labels) }).replace(/\.$/, "") : undefined;
  return html`<form class="stage" part="form" novalidate @submit=${act.submit}>
    ${heading(labels.payTitle)}
    <div class="field">
      <label for="phone" part="label">${labels.phone}</label>
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
      <p id="hint" class=${refused ? "hint error" : "hint"} part=${refused ? "error" : "hint"}>
        ${refused ? html`${alertIcon}<span>${labels.phoneInvalid}</span>` : labels.phoneHint}
      </p>
    </div>
    <p class="note">${shieldIcon}<span>${labels.pinNeverSeen}</span></p>
    <div class="actions">
      <button type="submit" class="button primary" part="button" aria-disabled=${sending || ask ? "true" : nothing}>
        ${sending ? html`${spinner}${labels.sending}` : (ask ?? fill(labels.pay, { amount: money(state.booking.amount) }))}
      </button>
      ${state.booking.payManually ? html`<span class=${sending ? "away" : "here"}>${quietButton(labels.anotherWay, act.payManually)}</span>` : nothing}
    </div>
  </form>`;
}
