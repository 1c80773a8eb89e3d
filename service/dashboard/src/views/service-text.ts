import { html, type TemplateResult } from "lit";

/** A sentence of the service, in the page's language. What strangers wrote may be in it, so its direction is its own. */
export function serviceText(text: string): TemplateResult {
  return html`<bdi>${text}</bdi>`;
}
