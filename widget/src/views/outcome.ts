/** The frame of every screen after the button: what has come about, and what can be done. */
import { html, nothing } from "lit";
import { heading } from "./parts.ts";
import type { Heading } from "./parts.ts";

export interface OutcomeParts extends Heading {
  /** Between what is said and what can be done. */
  details?: unknown;
  actions: unknown;
}

export function outcomeView({ details = nothing, actions, ...said }: OutcomeParts) {
  return html`<div class="stage">
    ${heading(said)} ${details}
    <div class="actions">${actions}</div>
  </div>`;
}
