/** The prompt is on the phone, or its outcome is not known yet. */
import { html } from "lit";
import { promptEndsAtMs } from "../checkout/checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout/checkout-state.ts";
import { duration, money, secondsUntil } from "../internal/format.ts";
import { phoneInRing } from "../internal/icons.ts";
import { fill } from "../labels/labels.ts";
import { outcomeView } from "./outcome.ts";
import { anotherWay, partPaid, payerOf, say, sayAsOne } from "./parts.ts";
import { codeField } from "./receipt-code.ts";
import type { ViewContext } from "./view-context.ts";

/** By then most prompts have shown up; asking earlier would only unsettle. */
const NO_PROMPT_AFTER_MS = 20_000;

export function promptedView(state: Extract<CheckoutState, { name: "prompted" }>, context: ViewContext) {
  const { labels } = context;
  const { amountDue, payment, reference } = state.booking;
  // Money that arrives meanwhile does not change what the prompt asks for.
  const amount = money(payment?.amount ?? amountDue);
  return outcomeView({
    fact: partPaid(state.booking, context),
    drawing: ring(state, context),
    said: [labels.onYourPhone, fill(labels.promptDetails, { phone: payerOf(state, context), amount, reference })],
    actions: html`${help(state, context)}${anotherWay(state, context)}`,
  });
}

export function confirmingView(state: Extract<CheckoutState, { name: "confirming" }>, context: ViewContext) {
  const { labels } = context;
  return outcomeView({
    fact: partPaid(state.booking, context),
    drawing: phoneInRing(),
    said: [labels.confirming, labels.confirmingText],
    actions: codeField(state, context),
  });
}

/** When the prompt was sent, on this device's clock. */
const sentAtMs = ({ booking, skewMs }: KnownState, unknownMs: number) => (booking.payment?.requestedAt ?? unknownMs) - skewMs;

/** The ring empties while the prompt is on the phone. */
function ring(state: KnownState, { labels, nowMs }: ViewContext) {
  const endsAtMs = promptEndsAtMs(state) ?? 0;
  const seconds = secondsUntil(endsAtMs, nowMs);
  const share = Math.min(1, (seconds * 1_000) / Math.max(1, endsAtMs - sentAtMs(state, 0)));
  const left = seconds ? fill(labels.left, { wait: duration(seconds, labels) }) : labels.promptEnding;
  return html`${phoneInRing(endsAtMs ? share : 1)}
    <p class="timer" role="timer">${say(left)}</p>`;
}

function help(state: KnownState, { labels, nowMs }: ViewContext) {
  const waitedMs = nowMs - sentAtMs(state, promptEndsAtMs(state) ?? nowMs);
  return html`<details class=${waitedMs >= NO_PROMPT_AFTER_MS ? "fold" : "fold away"}>
    <summary class="button quiet">${sayAsOne(labels.noPrompt)}</summary>
    <ul>
      <li>${say(labels.unlock)}</li>
      <li>${say(labels.signal)}</li>
      <li>${say(labels.update)}</li>
    </ul>
  </details>`;
}
