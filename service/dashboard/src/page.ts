import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { App } from "./app.ts";
import type { Loading } from "./loading.ts";

/** A page of the app. It renders into the document itself, so that one style sheet, one outline and one print style serve all of them. */
export abstract class Page extends LitElement {
  static override readonly properties: PropertyDeclarations = { app: { attribute: false } };
  declare app: App;

  protected override createRenderRoot(): this {
    return this;
  }

  /** What was read, or a sentence about why there is nothing, with a button to try again. */
  protected shown<Data>(loading: Loading<Data>, view: (data: Data) => unknown): TemplateResult {
    const { t } = this.app;
    return html`
      ${loading.error ? this.failure(loading) : nothing}
      ${loading.data === null ? (loading.error ? nothing : html`<p class="muted" role="status">${t.loading}</p>`) : view(loading.data)}
    `;
  }

  private failure<Data>(loading: Loading<Data>): TemplateResult {
    const { t } = this.app;
    return html`<div class="notice warm" role="alert">
      <p>${this.app.sentenceOf(loading.error)}</p>
      <button class="quiet" @click=${() => void loading.reload()}>${t.tryAgain}</button>
    </div>`;
  }
}
