/** The screens on which nothing is paid: what happened, whether money moved, what to do. */
import { html, nothing } from "lit/html.js";
import { isKnown, isOpen, isPayable } from "../checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout-state.ts";
import { money, secondsUntil } from "../format.ts";
import { fill } from "../labels/labels.ts";
import { isUnsure, remedyFor } from "../problem.ts";
import { payerOf } from "../views/outcome.ts";
import { lockedButton, mainButton, quietButton } from "../views/parts.ts";
import type { Said, Unpaid, ViewContext } from "../views/view-context.ts";
import { isAsked } from "./share.ts";
import { moreWords } from "./words.ts";
import type { MoreWords } from "./words.ts";

/** A sentence with everything in it that is known of the booking. */
export function withFacts(sentence: string, state: CheckoutState, context: ViewContext, words: MoreWords): string {
  return fill(sentence, { owner: context.merchant || words.owner, ...(isKnown(state) && factsOf(state, context)) });
}

function factsOf(state: KnownState, context: ViewContext) {
  const { amount, amountPaid, surplus, payment, reference } = state.booking;
  return {
    phone: payerOf(state, context),
    amount: money(payment?.amount ?? amount),
    paid: money(amountPaid),
    surplus: money(surplus ?? 0),
    reference,
  };
}

/** What went wrong on another's phone is not for whoever was asked to pay instead, as long as no money can have moved. */
export function isOthers(state: CheckoutState, context: ViewContext): boolean {
  return state.name === "failed" && !isUnsure(state.problem) && isAsked(context);
}

/** The first sentence is the heading; that no money was taken is said after it, wherever that is certain. */
export function unpaidWords(state: Unpaid, context: ViewContext, canBookAgain: boolean): Said {
  if (isOthers(state, context)) return [context.labels.payTitle];
  const { labels } = context;
  const words = context.words(moreWords);
  const say = (sentence: string) => withFacts(sentence, state, context, words);
  if (state.name === "lapsed" || state.name === "cancelled") {
    const title = state.name === "lapsed" ? labels.timeOver : labels.bookingCancelled;
    return [title, say(overWords(state, words, canBookAgain))];
  }
  const isOlderRefund = state.name === "refunded" && state.booking.payment?.status !== "refunded";
  const sentence = isOlderRefund ? words.refundedBefore : words[state.name === "refunded" ? state.name : state.problem];
  const [title = "", rest = ""] = say(sentence).split(/\. ?(.*)/);
  if (state.name === "refunded" || isUnsure(state.problem)) return [title, rest];
  const noMoney = isKnown(state) && state.booking.amountPaid ? words.noMoneyNow : words.noMoney;
  return [title, `${noMoney} ${rest}`.trim()];
}

/** Whether money may have moved, and what to do. */
function overWords(state: KnownState, words: MoreWords, canBookAgain: boolean): string {
  const { booking } = state;
  const open = isOpen(booking);
  const unsure = mayHavePaid(state);
  const pin = open ? words.pinNotNow : unsure ? words.pinCounts : "";
  const what = canBookAgain ? words.bookAgainOrAsk : words.askOwner;
  const sentences = booking.amountPaid ? [words.partReceived, pin] : [open || unsure ? "" : words.noMoney, pin, what];
  return sentences.filter(Boolean).join(" ");
}

/** The last attempt ended in a way that does not tell whether the PIN was entered. */
export const mayHavePaid = ({ booking: { payment } }: KnownState) => payment?.status === "failed" && isUnsure(payment.reason ?? "unknown");

/** What is said where all is paid and nothing is booked. */
export function unbookedWords(state: KnownState, context: ViewContext): string {
  const words = context.words(moreWords);
  return withFacts(state.booking.booking_status === "cancelled" ? words.paidCancelled : words.paidTooLate, state, context, words);
}

const payDue = ({ booking }: KnownState, { labels }: ViewContext) => fill(labels.pay, { amount: money(booking.amountDue) });

/** A part that was given back leaves its booking to be paid. */
export const payAfterRefund = (state: KnownState, context: ViewContext) =>
  isPayable(state.booking) ? mainButton(payDue(state, context), context.act.edit) : nothing;

/** What to do next. Busy lines and limits end, and the screen says when. */
export function remedies(state: Extract<Unpaid, { name: "failed" | "unavailable" }>, context: ViewContext) {
  const { labels, words, act, nowMs, phone } = context;
  const { problem } = state;
  const { tryAgain, tryAgainNoPin, anotherPhone } = words(moreWords);
  const remedy = remedyFor(problem);
  if (state.name === "failed" && isOthers(state, context)) {
    return mainButton(payDue(state, context), act.edit);
  }
  const seconds = state.name === "failed" ? secondsUntil(state.retryAtMs, nowMs) : 0;
  const again = problem === "unknown" ? tryAgainNoPin : tryAgain;
  if (remedy === "none") return nothing;
  if (remedy === "edit") {
    return html`${mainButton(anotherPhone, act.edit)}${phone && !seconds ? quietButton(again, act.again) : nothing}`;
  }
  const press = remedy === "reload" || state.name === "unavailable" ? act.reload : act.again;
  return html`${lockedButton(again, press, seconds, labels)}${phone && remedy === "again" ? quietButton(anotherPhone, act.edit) : nothing}`;
}
