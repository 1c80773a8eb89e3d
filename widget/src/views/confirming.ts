import { html } from "lit";
import { phoneInRing } from "./icons.ts";
import { heading } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** The prompt is over and the outcome is not known yet. There is nothing to press: it ends by itself. */
export function confirmingView({ labels }: ViewContext) {
  return html`<div class="stage centred calm-middle">${phoneInRing()} ${heading(labels.confirming, labels.confirmingText)}</div>`;
}
