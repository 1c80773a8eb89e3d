/** The frame of every screen after the button: what has arrived, a drawing, heading and text, and what can be done. */
import { html, nothing } from "lit";
import { heading } from "./parts.ts";
import type { Said } from "./view-context.ts";

export interface OutcomeParts {
  drawing: unknown;
  said: Said;
  actions: unknown;
  /** Where more is still to be paid: what has arrived. */
  fact?: unknown;
  /** Between the text and what can be done. */
  details?: unknown;
}

export function outcomeView({ drawing, said: [title, text], actions, fact = nothing, details = nothing }: OutcomeParts) {
  return html`<div class="stage centred">
    ${fact}
    <div class="art">${drawing}</div>
    ${heading(title, text, fact)} ${details}
    <div class="actions">${actions}</div>
  </div>`;
}
