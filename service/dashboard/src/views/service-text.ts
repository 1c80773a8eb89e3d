import { html, type TemplateResult } from "lit";

/** A sentence of the service. It speaks English only, which readers of the page in another language must be told, and screen readers too. */
export function serviceText(text: string): TemplateResult {
  return html`<bdi lang="en">${text}</bdi>`;
}
