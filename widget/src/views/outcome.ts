/** The screens after the button, plain and true; what is fetched meanwhile adds drawings, help and things to keep. */
import { html, nothing } from "lit/html.js";
import type { CheckoutState, KnownState } from "../checkout-state.ts";
import { duration, money, secondsUntil } from "../format.ts";
import { fill } from "../labels/labels.ts";
import { shownPhone } from "../phone-number.ts";
import { isOwners, isUnsure, remedyFor } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { anotherWay, heading, mainButton, quietButton } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

export type Outcome = Extract<CheckoutState, { name: "prompted" | "confirming" | "paid" | "failed" | "refunded" | "unavailable" }>;

/** The number that pays, as much of it as its owner needs to know it by. */
export const payerOf = ({ booking }: KnownState, { phone }: ViewContext) => shownPhone(phone ?? booking.payment?.phone ?? "");

export function outcomeView(state: Outcome, context: ViewContext) {
  const { labels, more } = context;
  const [title, text] = said(state, context);
  const receipt = state.name === "paid" && state.booking.payment?.receipt;
  return html`<div class="stage centred">
    <div class="art">${more?.drawing(state, context)}</div>
    ${heading(title, text)}
    ${
      receipt
        ? html`<p class="receipt" part="receipt">
            ${labels.receipt} <b part="receipt-code">${receipt}</b>${more?.copyButton(labels.receipt, receipt, context)}
          </p>`
        : nothing
    }
    <div class="actions">
      ${more?.extras(state, context)} ${"problem" in state ? remedies(state, context) : nothing}
      ${state.name === "prompted" || state.name === "failed" ? anotherWay(state, context) : nothing}
    </div>
  </div>`;
}

/** Heading and text of a screen; the live region says the same. */
function said(state: Outcome, context: ViewContext): [title: string, text: string] {
  const { labels } = context;
  switch (state.name) {
    case "prompted": {
      const { amount, reference } = state.booking;
      return [labels.onYourPhone, fill(labels.promptDetails, { phone: payerOf(state, context), amount: money(amount), reference })];
    }
    case "confirming":
      return [labels.confirming, labels.confirmingText];
    case "paid":
      return [state.late ? labels.late : labels.paid, labels.booked];
    case "refunded":
      return explained(context.more?.words(context).refunded ?? labels.loading);
    case "failed":
    case "unavailable":
      return problemWords(state.problem, context);
  }
}

/** The first sentence, and the rest. */
function explained(words: string, before = ""): [string, string] {
  const [title = "", rest = ""] = words.split(/\. ?(.*)/);
  return [title, before + rest];
}

/** What happened, whether money moved, what to do. */
function problemWords(problem: Problem, context: ViewContext): [string, string] {
  const { labels, more } = context;
  const words = isOwners(problem) ? (more?.words(context)[problem] ?? labels.loading) : labels[problem];
  return explained(words, isUnsure(problem) ? "" : `${labels.noMoney} `);
}

/** What to do next. Busy lines and limits end, and the screen says when. */
function remedies(state: Extract<Outcome, { problem: Problem }>, { labels, act, nowMs, phone }: ViewContext) {
  const { problem } = state;
  const remedy = remedyFor(problem);
  const seconds = state.name === "failed" ? secondsUntil(state.retryAtMs, nowMs) : 0;
  const again = problem === "unknown" ? labels.tryAgainNoPin : labels.tryAgain;
  const another = remedy === "edit";
  return html`${seconds ? html`<p class="what" role="timer">${fill(labels.tryAgainIn, { wait: duration(seconds, labels) })}</p>` : nothing}
  ${
    remedy === "none"
      ? nothing
      : another
        ? mainButton(labels.anotherPhone, act.edit)
        : mainButton(again, remedy === "reload" || state.name === "unavailable" ? act.reload : act.again, seconds > 0)
  }
  ${phone && remedy === "again" ? quietButton(labels.anotherPhone, act.edit) : nothing}
  ${phone && another && !seconds ? quietButton(again, act.again) : nothing}`;
}
