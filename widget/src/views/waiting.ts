/** The prompt is on the phone, or its outcome is not known yet. */
import { html, nothing } from "lit";
import { promptEndsAtMs } from "../checkout/checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout/checkout-state.ts";
import { duration, money, secondsUntil } from "../internal/format.ts";
import { phoneInRing } from "../internal/icons.ts";
import { fill } from "../labels/labels.ts";
import { outcomeView } from "./outcome.ts";
import { anotherWay, fold, partPaid, payerOf } from "./parts.ts";
import { codeField } from "./receipt-code.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

/** By then most prompts have shown up; asking earlier would only unsettle. */
const NO_PROMPT_AFTER_MS = 10_000;
/** Most outcomes are known by then. */
const LONG_AFTER_MS = 15_000;

/** What to do comes first, then the number, so that a wrong one is noticed, then the time that is left. */
export function promptedView(state: Extract<CheckoutState, { name: "prompted" }>, context: ViewContext) {
  const { labels } = context;
  const { amountDue, payment, reference } = state.booking;
  // Money that arrives meanwhile does not change what the prompt asks for.
  const amount = money(payment?.amount ?? amountDue);
  const phone = payerOf(state, context);
  return outcomeView({
    fact: partPaid(state.booking, context),
    title: labels.onYourPhone,
    text: fill(labels.promptDetails, { phone, amount, reference }),
    strong: phone,
    details: html`<div class="art">${ring(state, context)}</div>`,
    actions: html`${help(state, context)}${anotherWay(state, context)}`,
  });
}

export function confirmingView(state: Extract<CheckoutState, { name: "confirming" }>, context: ViewContext) {
  const { labels, nowMs } = context;
  const isLong = nowMs > (promptEndsAtMs(state) ?? nowMs) + LONG_AFTER_MS;
  return outcomeView({
    fact: partPaid(state.booking, context),
    title: labels.confirming,
    text: isLong ? `${labels.confirmingText} ${labels.confirmingLong}` : labels.confirmingText,
    details: html`<div class="art">${phoneInRing()}</div>`,
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
  if (waitedMs < NO_PROMPT_AFTER_MS) return nothing;
  const cures = html`<ul>
    <li>${say(labels.unlock)}</li>
    <li>${say(labels.signal)}</li>
    <li>${say(labels.update)}</li>
  </ul>`;
  return html`${fold(labels.noPrompt, cures)}${fold(labels.wrongNumber, html`<p class="muted">${say(labels.wrongNumberText)}</p>`)}`;
}
