import { html, nothing } from "lit";
import { promptEndsAtMs } from "../checkout-state.ts";
import type { KnownState } from "../checkout-state.ts";
import { duration, money, secondsUntil } from "../format.ts";
import { fill } from "../labels/labels.ts";
import { shownPhone } from "../phone-number.ts";
import { phoneInRing } from "./icons.ts";
import { heading, quietButton } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** By then most prompts have shown up; asking earlier would only unsettle. */
const NO_PROMPT_AFTER_MS = 20_000;

/** The prompt is on the phone. */
export function waitingView(state: KnownState, { labels, act, nowMs, phone }: ViewContext) {
  const { payment, amount, reference, payManually } = state.booking;
  const endsAtMs = promptEndsAtMs(state);
  const startedAtMs = (payment?.requestedAt ?? 0) - state.skewMs;
  const secondsLeft = endsAtMs === undefined ? 0 : secondsUntil(endsAtMs, nowMs);
  const share = endsAtMs === undefined ? 1 : (secondsLeft * 1_000) / Math.max(1, endsAtMs - startedAtMs);
  const helps = nowMs - startedAtMs >= NO_PROMPT_AFTER_MS;
  const details = fill(labels.promptDetails, { phone: shownPhone(phone ?? payment?.phone ?? ""), amount: money(amount), reference });
  return html`<div class="stage centred">
    ${phoneInRing(Math.min(1, share))}
    <p class="countdown" role="timer">${secondsLeft ? fill(labels.left, { wait: duration(secondsLeft, labels) }) : labels.promptEnding}</p>
    ${heading(labels.onYourPhone, details)}
    <div class="actions row">
      <details class=${helps ? "fold here" : "fold away"}>
        <summary class="button quiet">${labels.noPrompt}</summary>
        <ul>
          ${labels.noPromptCures.map((cure) => html`<li>${cure}</li>`)}
        </ul>
      </details>
      ${payManually ? quietButton(labels.anotherWay, act.payManually) : nothing}
    </div>
  </div>`;
}
