/** The screens on which nothing is paid: what happened, whether money moved, what to do. */
import { html, nothing } from "lit";
import { isKnown, isOpen, isPayable } from "../checkout/checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout/checkout-state.ts";
import { isUnsure, remedyFor } from "../checkout/problem.ts";
import { money, secondsUntil } from "../internal/format.ts";
import { badge, phoneInRing } from "../internal/icons.ts";
import { isShared, shareAddress } from "../internal/share.ts";
import { fill } from "../labels/labels.ts";
import { withFacts } from "./facts.ts";
import { outcomeView } from "./outcome.ts";
import { anotherWay, lockedButton, mainButton, partPaid, quietButton, sayAsOne } from "./parts.ts";
import { codeFold, codeOrOwner } from "./receipt-code.ts";
import type { Said, ViewContext } from "./view-context.ts";

type Failed = Extract<CheckoutState, { name: "failed" }>;
type Unavailable = Extract<CheckoutState, { name: "unavailable" }>;
type Refunded = Extract<CheckoutState, { name: "refunded" }>;
type Over = Extract<CheckoutState, { name: "lapsed" | "cancelled" }>;

export function failedView(state: Failed, context: ViewContext) {
  const next = html`${remedies(state, context)}${anotherWay(state, context)}`;
  const isUnknown = state.problem === "unknown";
  return outcomeView({
    fact: partPaid(state.booking, context),
    drawing: isOthers(state, context) ? phoneInRing(1) : badge(false),
    said: isOthers(state, context) ? [context.labels.payTitle] : problemWords(state, context),
    actions: isUnknown ? html`${codeOrOwner(state, context)}${next}` : html`${next}${shareLink(state, context)}`,
  });
}

export function unavailableView(state: Unavailable, context: ViewContext) {
  return outcomeView({ drawing: badge(false), said: problemWords(state, context), actions: remedies(state, context) });
}

export function refundedView(state: Refunded, context: ViewContext) {
  const { labels, act } = context;
  const isOlder = state.booking.payment?.status !== "refunded";
  return outcomeView({
    drawing: badge(true),
    said: titled(withFacts(isOlder ? labels.refundedBefore : labels.refunded, state, context)),
    // A part that was given back leaves its booking to be paid.
    actions: isPayable(state.booking) ? mainButton(sayAsOne(payDue(state, context)), act.edit) : nothing,
  });
}

/** A code still counts: money that was sent in time finds its booking, or the owner. */
export function overView(state: Over, context: ViewContext) {
  const { labels, act, canBookAgain } = context;
  const code = mayHavePaid(state) ? codeOrOwner(state, context) : codeFold(state, context);
  const again = state.booking.amountPaid
    ? quietButton(labels.bookAnother, act.bookAgain)
    : mainButton(sayAsOne(labels.bookAgain), act.bookAgain);
  return outcomeView({
    drawing: badge(false),
    said: [state.name === "lapsed" ? labels.timeOver : labels.bookingCancelled, withFacts(overWords(state, context), state, context)],
    actions: html`${code}${canBookAgain ? again : nothing}`,
  });
}

/** The first sentence is the heading. */
function titled(sentences: string): [title: string, rest: string] {
  const [title = "", rest = ""] = sentences.split(/\. ?(.*)/);
  return [title, rest];
}

/** That no money was taken is said after the heading, wherever that is certain. */
function problemWords(state: Failed | Unavailable, context: ViewContext): Said {
  const { labels } = context;
  const [title, rest] = titled(withFacts(labels[state.problem], state, context));
  if (isUnsure(state.problem)) return [title, rest];
  const noMoney = isKnown(state) && state.booking.amountPaid ? labels.noMoneyNow : labels.noMoney;
  return [title, `${noMoney} ${rest}`.trim()];
}

/** What went wrong on another's phone is not for whoever was asked to pay instead, as long as no money can have moved. */
const isOthers = (state: Failed, { phone }: ViewContext) => !isUnsure(state.problem) && !phone && isShared();

/** The last attempt ended in a way that does not tell whether the PIN was entered. */
const mayHavePaid = ({ booking: { payment } }: KnownState) => payment?.status === "failed" && isUnsure(payment.reason ?? "unknown");

/** Whether money may have moved, and what to do. */
function overWords(state: Over, { labels, canBookAgain }: ViewContext): string {
  const open = isOpen(state.booking);
  const unsure = mayHavePaid(state);
  const pin = open ? labels.pinNotNow : unsure ? labels.pinCounts : "";
  const what = canBookAgain ? labels.bookAgainOrAsk : labels.askOwner;
  const sentences = state.booking.amountPaid ? [labels.partReceived, pin] : [open || unsure ? "" : labels.noMoney, pin, what];
  return sentences.filter(Boolean).join(" ");
}

const payDue = ({ booking }: KnownState, { labels }: ViewContext) => fill(labels.pay, { amount: money(booking.amountDue) });

/** What to do next. Busy lines and limits end, and the screen says when. */
function remedies(state: Failed | Unavailable, context: ViewContext) {
  const { labels, act, nowMs, phone } = context;
  const { problem } = state;
  const remedy = remedyFor(problem);
  if (state.name === "failed" && isOthers(state, context)) return mainButton(sayAsOne(payDue(state, context)), act.edit);
  const seconds = state.name === "failed" ? secondsUntil(state.retryAtMs, nowMs) : 0;
  const again = problem === "unknown" ? labels.tryAgainNoPin : labels.tryAgain;
  if (remedy === "none") return nothing;
  if (remedy === "edit") {
    return html`${mainButton(sayAsOne(labels.anotherPhone), act.edit)}${phone && !seconds ? quietButton(again, act.again) : nothing}`;
  }
  const press = remedy === "reload" || state.name === "unavailable" ? act.reload : act.again;
  return html`${lockedButton(again, press, seconds, labels)}${phone && remedy === "again" ? quietButton(labels.anotherPhone, act.edit) : nothing}`;
}

export function shareLink(state: KnownState, { labels, shareUrl }: ViewContext) {
  const address = shareAddress(state, shareUrl, labels);
  return address
    ? html`<a class="button quiet share" part="secondary-button" href=${address} target="_blank" rel="noopener"
        >${sayAsOne(labels.share)}</a
      >`
    : nothing;
}
