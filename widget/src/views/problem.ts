import { html, nothing } from "lit";
import type { CheckoutState } from "../checkout-state.ts";
import { duration, secondsUntil } from "../format.ts";
import { fill } from "../labels/labels.ts";
import type { Problem } from "../problem.ts";
import { remedyFor } from "../problem.ts";
import { attention } from "./icons.ts";
import { heading, primaryButton, quietButton } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** What happened, whether money moved, what to do. The live region says the same. */
export function problemText(problem: Problem, reference: string, { labels, merchant }: ViewContext): string {
  return fill(labels.problems[problem].text, { owner: merchant || labels.owner, reference });
}

/** Busy lines and limits end: those screens say when. */
const passes = (problem: Problem) => problem === "busy" || problem === "too_many";

/** No payment came about. */
export function problemView(state: Extract<CheckoutState, { name: "failed" }>, context: ViewContext) {
  const { labels, act, nowMs, phone } = context;
  const { problem, booking } = state;
  const remedy = remedyFor(problem);
  const seconds = secondsUntil(state.retryAtMs, nowMs);
  const when = seconds ? fill(labels.tryAgainIn, { wait: duration(seconds, labels) }) : passes(problem) ? labels.tryAgainNow : "";
  const again = problem === "unknown" ? labels.tryAgainNoPin : labels.tryAgain;
  return html`<div class="stage centred">
    ${attention} ${heading(labels.problems[problem].title, problemText(problem, booking.reference, context))}
    ${when ? html`<p class="countdown" role="timer">${when}</p>` : nothing}
    <div class="actions">
      ${remedy === "edit" ? primaryButton(labels.anotherPhone, act.edit) : nothing}
      ${remedy === "again" ? primaryButton(again, act.again, seconds > 0) : nothing}
      ${remedy === "reload" ? primaryButton(labels.tryAgain, act.reload) : nothing}
      <div class="row">
        ${remedy === "again" && phone ? quietButton(labels.anotherPhone, act.edit) : nothing}
        ${remedy === "edit" && phone ? quietButton(again, act.again) : nothing}
        ${booking.payManually ? quietButton(labels.anotherWay, act.payManually) : nothing}
      </div>
    </div>
  </div>`;
}

/** The booking could not be read: there is nothing to pay for. */
export function unavailableView({ problem }: Extract<CheckoutState, { name: "unavailable" }>, context: ViewContext) {
  const { labels, act } = context;
  return html`<div class="stage centred">
    ${attention} ${heading(labels.problems[problem].title, problemText(problem, "", context))}
    <div class="actions">${remedyFor(problem) === "none" ? nothing : primaryButton(labels.tryAgain, act.reload)}</div>
  </div>`;
}
