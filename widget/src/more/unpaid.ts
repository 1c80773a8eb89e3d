/** The screens on which nothing is paid: what happened, whether money moved, what to do. */
import { html, nothing } from "lit/html.js";
import { isKnown } from "../checkout-state.ts";
import type { CheckoutState } from "../checkout-state.ts";
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
  return fill(sentence, {
    owner: context.merchant || words.owner,
    ...(isKnown(state) && { phone: payerOf(state, context), amount: money(state.booking.amount), reference: state.booking.reference }),
  });
}

/** What went wrong on another's phone is not for whoever was asked to pay instead, as long as no money can have moved. */
export function isOthers(state: CheckoutState, context: ViewContext): boolean {
  return state.name === "failed" && !isUnsure(state.problem) && isAsked(context);
}

/** The first sentence is the heading; that no money was taken is said after it, wherever that is certain. */
export function unpaidWords(state: Unpaid, context: ViewContext): Said {
  if (isOthers(state, context)) return [context.labels.payTitle];
  const words = context.words(moreWords);
  const sentence = words[state.name === "refunded" ? "refunded" : state.problem];
  const [title = "", rest = ""] = withFacts(sentence, state, context, words).split(/\. ?(.*)/);
  return [title, state.name === "refunded" || isUnsure(state.problem) ? rest : `${words.noMoney} ${rest}`.trim()];
}

/** What to do next. Busy lines and limits end, and the screen says when. */
export function remedies(state: Exclude<Unpaid, { name: "refunded" }>, context: ViewContext) {
  const { labels, words, act, nowMs, phone } = context;
  const { problem } = state;
  const { tryAgain, tryAgainNoPin, anotherPhone } = words(moreWords);
  const remedy = remedyFor(problem);
  if (state.name === "failed" && isOthers(state, context)) {
    return mainButton(fill(labels.pay, { amount: money(state.booking.amount) }), act.edit);
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
