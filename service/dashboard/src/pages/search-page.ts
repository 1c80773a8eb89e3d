import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { assign } from "../actions.ts";
import type { SearchAnswer } from "../api/types.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { bookingLine } from "../views/lines.ts";

/** What one box finds: a name, a phone, a reference, a receipt, or a whole SMS. */
class SearchPage extends Page {
  static override readonly properties: PropertyDeclarations = { ...Page.properties, text: { attribute: false } };
  declare text: string;
  readonly #answer = new Loading(this, () => this.app.client.api<SearchAnswer>("GET", `/search?q=${encodeURIComponent(this.text)}`));

  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`<h1 tabindex="-1">${t.search}</h1>
      ${this.shown(
        this.#answer,
        (answer) => html`
          <p class="muted">${t.searchedAs[answer.kind]}: <bdi>${this.text.slice(0, 80)}</bdi></p>
          ${
            answer.data.length === 0
              ? html`<p class="empty">${t.nothingFound}</p>`
              : html`<ul class="lines">
                  ${answer.data.map((line) => bookingLine(this.app, line, { more: line.receipts.join(", ") }))}
                </ul>`
          }
          ${this.#unassigned(answer)}
        `,
      )}`;
  }

  #unassigned({ unassigned }: SearchAnswer): TemplateResult | typeof nothing {
    const { t, format } = this.app;
    if (unassigned.length === 0) return nothing;
    const done = (): void => void this.#answer.reload();
    return html`<section>
      <h2>${t.moneyWithoutBooking}</h2>
      <ul class="cards">
        ${unassigned.map(
          ({ receipt, amount, phone, at, account }) =>
            html`<li class="card">
              <p><strong>${format.money(amount)}</strong> · ${receipt} · ${phone} · ${format.moment(at)}</p>
              <p class="muted">${t.accountTyped} <bdi>${account}</bdi></p>
              ${this.app.may("manager") ? html`<button class="framed" @click=${() => void assign(this.app, receipt, done)}>${t.assign}</button>` : nothing}
            </li>`,
        )}
      </ul>
    </section>`;
  }
}

customElements.define("search-page", SearchPage);
