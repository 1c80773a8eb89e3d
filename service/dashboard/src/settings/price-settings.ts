import { html, nothing, type TemplateResult } from "lit";
import type { Page as PageOf, SessionTypeView } from "../api/types.ts";
import type { Field } from "../ask.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";

/** The price list that parents see. */
class PriceSettings extends Page {
  readonly #types = new Loading(this, () => this.app.client.api<PageOf<SessionTypeView>>("GET", "/session-types?limit=100"));

  protected override render(): TemplateResult {
    const { t, format } = this.app;
    const mayChange = this.app.may("manager");
    return html`${mayChange ? html`<p><button class="primary" @click=${() => void this.#change(null)}>${t.addPrice}</button></p>` : nothing}
    ${this.shown(this.#types, ({ data }) =>
      data.length === 0
        ? html`<p class="empty">${t.noPrices}</p>`
        : html`<ul class="cards">
            ${data.map(
              (type) =>
                html`<li class="card">
                  <p>
                    <strong><bdi>${type.name}</bdi></strong> · ${format.money(type.amount)} · ${t.minutes(type.durationMinutes)}
                  </p>
                  <p class="muted"><code>${type.code}</code></p>
                  ${
                    mayChange
                      ? html`<div class="buttons">
                          <button class="framed" @click=${() => void this.#change(type)}>${t.change}</button>
                          <button class="framed" @click=${() => void this.#remove(type)}>${t.remove}</button>
                        </div>`
                      : nothing
                  }
                </li>`,
            )}
          </ul>`,
    )}`;
  }

  async #change(type: SessionTypeView | null): Promise<void> {
    const { t, client } = this.app;
    const code: Field = { name: "code", label: t.priceCode, hint: t.priceCodeHint };
    const wasDone = await this.app.ask({
      title: type ? t.change : t.addPrice,
      consequence: t.priceText,
      fields: [
        ...(type ? [] : [code]),
        { name: "name", label: t.lesson, value: type?.name ?? "" },
        { name: "amount", label: t.amount, kind: "number", value: String(type?.amount ?? "") },
        { name: "durationMinutes", label: t.duration, kind: "number", value: String(type?.durationMinutes ?? 60) },
      ],
      action: t.save,
      run: ({ code: named, name, amount, durationMinutes }) =>
        client.api("PUT", `/session-types/${encodeURIComponent(type?.code ?? named ?? "")}`, {
          name,
          amount: Number(amount),
          durationMinutes: Number(durationMinutes),
        }),
    });
    if (wasDone) await this.#types.reload();
  }

  async #remove({ code, name }: SessionTypeView): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.remove,
      consequence: t.removePriceText(name),
      action: t.remove,
      isGrave: true,
      run: () => client.api("DELETE", `/session-types/${encodeURIComponent(code)}`),
    });
    if (wasDone) await this.#types.reload();
  }
}

customElements.define("price-settings", PriceSettings);
