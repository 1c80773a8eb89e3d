/** The screens on which nothing is paid: what happened, whether money moved, what to do. */
import { html, nothing } from "lit";
import { isKnown, isOpen } from "../checkout/checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout/checkout-state.ts";
import { isUnsure, remedyFor } from "../checkout/problem.ts";
import { money, secondsUntil } from "../internal/format.ts";
import { exclamation } from "../internal/icons.ts";
import { isShared, shareAddress } from "../internal/share.ts";
import { fill } from "../labels/labels.ts";
import { titled, withFacts } from "./facts.ts";
import { outcomeView } from "./outcome.ts";
import { fold, framedButton, lockedButton, mainButton, partPaid, quietButton, sayAsOne } from "./parts.ts";
import type { Heading } from "./parts.ts";
import { codeFold, codeOrOwner } from "./receipt-code.ts";
import type { ViewContext } from "./view-context.ts";

type Failed = Extract<CheckoutState, { name: "failed" }>;
type Unavailable = Extract<CheckoutState, { name: "unavailable" }>;
type Over = Extract<CheckoutState, { name: "lapsed" | "cancelled" }>;

/** More than these would hide each other. */
const OTHERS_IN_SIGHT = 2;

export function failedView(state: Failed, context: ViewContext) {
  const said = isOthers(state, context) ? { title: context.labels.payTitle } : problemWords(state, context);
  const code = state.problem === "unknown" ? codeOrOwner(state, context) : nothing;
  const foldedCode = state.problem === "no_answer" ? codeFold(state, context) : nothing;
  return outcomeView({
    ...said,
    fact: partPaid(state.booking, context),
    actions: html`${code}${remedy(state, context)}${foldedCode}${others(state, context)}`,
  });
}

export function unavailableView(state: Unavailable, context: ViewContext) {
  return outcomeView({ ...problemWords(state, context), actions: remedy(state, context) });
}

/** A code still counts: money that was sent in time finds its booking, or the owner. */
export function overView(state: Over, context: ViewContext) {
  const { labels, act, canBookAgain } = context;
  const code = mayHavePaid(state) ? codeOrOwner(state, context) : codeFold(state, context);
  const again = state.booking.amountPaid
    ? quietButton(labels.bookAnother, act.bookAgain)
    : mainButton(sayAsOne(labels.bookAgain), act.bookAgain);
  return outcomeView({
    icon: exclamation,
    title: state.name === "lapsed" ? labels.timeOver : labels.bookingCancelled,
    ...overWords(state, context),
    actions: html`${code}${canBookAgain ? again : nothing}`,
  });
}

/** That no money was taken is said below the heading, wherever that is certain; where it is not, the text warns. */
function problemWords(state: Failed | Unavailable, context: ViewContext): Heading {
  const { labels } = context;
  const [title, text] = titled(withFacts(labels[state.problem], state, context));
  const unsure = isUnsure(state.problem);
  const noMoney = isKnown(state) && state.booking.amountPaid ? labels.noMoneyNow : labels.noMoney;
  return { icon: exclamation, title, money: unsure ? "" : noMoney, text, isWarning: unsure };
}

/** What went wrong on another's phone is not for whoever was asked to pay instead, as long as no money can have moved. */
const isOthers = (state: Failed, { phone }: ViewContext) => !isUnsure(state.problem) && !phone && isShared();

/** The last attempt ended in a way that does not tell whether the PIN was entered. */
const mayHavePaid = ({ booking: { payment } }: KnownState) => payment?.status === "failed" && isUnsure(payment.reason ?? "unknown");

/** Whether money may have moved, and what to do. */
function overWords(state: Over, context: ViewContext): Pick<Heading, "money" | "text"> {
  const { labels, canBookAgain } = context;
  const open = isOpen(state.booking);
  const unsure = mayHavePaid(state);
  const pin = open ? labels.pinNotNow : unsure ? labels.pinCounts : "";
  const what = canBookAgain ? labels.bookAgainOrAsk : labels.askOwner;
  const sentences = state.booking.amountPaid ? [labels.partReceived, pin] : [pin, what];
  return {
    money: state.booking.amountPaid || open || unsure ? "" : labels.noMoney,
    text: withFacts(sentences.filter(Boolean).join(" "), state, context),
  };
}

const payDue = ({ booking }: KnownState, { labels }: ViewContext) => fill(labels.pay, { amount: money(booking.amountDue) });

/** The next step. Busy lines and limits end, and the screen says when. Who may have paid already is not led to pay again. */
function remedy(state: Failed | Unavailable, context: ViewContext) {
  const { labels, act, nowMs } = context;
  const { problem } = state;
  if (state.name === "failed" && isOthers(state, context)) return mainButton(sayAsOne(payDue(state, context)), act.edit);
  const seconds = state.name === "failed" ? secondsUntil(state.retryAtMs, nowMs) : 0;
  switch (remedyFor(problem)) {
    case "none":
      return nothing;
    case "edit":
      return mainButton(sayAsOne(labels.anotherPhone), act.edit);
    case "reload":
      return mainButton(sayAsOne(labels.tryAgain), act.reload);
    case "again": {
      const press = state.name === "unavailable" ? act.reload : act.again;
      return (problem === "unknown" || problem === "no_answer") && !seconds
        ? framedButton(labels.tryAgainNoPin, press)
        : lockedButton(labels.tryAgain, press, seconds, labels);
    }
  }
}

/** Further ways, of which a few are in sight and the rest is folded. */
function others(state: Failed, context: ViewContext) {
  const { labels, act, nowMs, phone } = context;
  const kind = remedyFor(state.problem);
  const all = [
    kind === "again" && phone ? quietButton(labels.anotherPhone, act.edit) : undefined,
    kind === "edit" && phone && state.retryAtMs <= nowMs ? quietButton(labels.tryAgain, act.again) : undefined,
    state.booking.payManually ? quietButton(labels.anotherWay, act.payManually) : undefined,
    state.problem === "unknown" ? undefined : shareLink(state, context),
  ].filter((each) => each !== undefined);
  if (all.length <= OTHERS_IN_SIGHT) return all;
  return html`${all.slice(0, OTHERS_IN_SIGHT - 1)}${fold(labels.otherWays, all.slice(OTHERS_IN_SIGHT - 1))}`;
}

export function shareLink(state: KnownState, { labels, shareUrl }: ViewContext) {
  const address = shareAddress(state, shareUrl, labels);
  if (!address) return undefined;
  return html`<a class="button quiet" part="secondary-button" href=${address} target="_blank" rel="noopener">${sayAsOne(labels.share)}</a>`;
}
