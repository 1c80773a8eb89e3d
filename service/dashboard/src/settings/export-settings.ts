import { html, type TemplateResult } from "lit";
import { addDays, todayInKenya } from "../format.ts";
import { Page } from "../page.ts";

const files = ["bookings", "payments", "money", "refunds"] as const;
const MONTH_DAYS = 30;

/** Everything as files for a spreadsheet. */
class ExportSettings extends Page {
  #from = addDays(todayInKenya(), -MONTH_DAYS);
  #to = todayInKenya();

  protected override render(): TemplateResult {
    const { t, client } = this.app;
    const field = (name: "from" | "to", label: string, value: string): TemplateResult =>
      html`<div class="field">
        <label for=${`export-${name}`}>${label}</label>
        <input id=${`export-${name}`} type="date" required .value=${value} @change=${(event: Event) => this.#set(name, event)} />
      </div>`;
    return html`<p>${t.exportsText}</p>
      <div class="fields">${field("from", t.from, this.#from)} ${field("to", t.to, this.#to)}</div>
      <ul class="lines">
        ${files.map(
          (file) =>
            html`<li>
              <a class="line setting" download href=${client.address(`/exports/${file}.csv?from=${this.#from}&to=${this.#to}`)}>
                <strong>${t.files[file]}</strong><span class="muted">${file}.csv</span>
              </a>
            </li>`,
        )}
      </ul>`;
  }

  #set(name: "from" | "to", { target }: Event): void {
    if (!(target instanceof HTMLInputElement) || target.value === "") return;
    if (name === "from") this.#from = target.value;
    else this.#to = target.value;
    this.requestUpdate();
  }
}

customElements.define("export-settings", ExportSettings);
