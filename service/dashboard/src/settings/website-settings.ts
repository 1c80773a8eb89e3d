import { html, nothing, type TemplateResult } from "lit";
import type { Page as PageOf, SessionTypeView, SiteSettings } from "../api/types.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { copyable } from "../views/copyable.ts";
import "../views/widget-preview.ts";

type Read = { site: SiteSettings; types: readonly SessionTypeView[] };
const ACCENT = "#0b7a4b";

/** The website that embeds the widget: its name, its addresses, and the lines to paste, seen as a parent will see them. */
class WebsiteSettings extends Page {
  #accent = ACCENT;
  #theme: "auto" | "light" | "dark" = "auto";
  #code: string | null = null;
  readonly #read = new Loading<Read>(this, async () => {
    const { api } = this.app.client;
    const [site, types] = await Promise.all([
      api<SiteSettings>("GET", "/site"),
      api<PageOf<SessionTypeView>>("GET", "/session-types?limit=100"),
    ]);
    return { site, types: types.data };
  });

  protected override render(): TemplateResult {
    const { t } = this.app;
    return this.shown(
      this.#read,
      ({ site, types }) => html`
        <section class="card">
          <dl class="pairs">
            <dt>${t.siteName}</dt>
            <dd><bdi>${site.name}</bdi></dd>
            <dt>${t.origins}</dt>
            <dd>
              ${site.allowedOrigins.length === 0 ? t.noOrigins : site.allowedOrigins.map((origin) => html`<div><code>${origin}</code></div>`)}
            </dd>
            <dt>${t.retention}</dt>
            <dd>${t.days(site.retentionDays)}</dd>
          </dl>
          ${this.app.may("owner") ? html`<button class="framed" @click=${() => void this.#change(site)}>${t.change}</button>` : nothing}
        </section>
        <section>
          <h2>${t.snippet}</h2>
          <p>${t.snippetText}</p>
          ${types.length === 0 ? html`<p class="empty">${t.noPrices}</p>` : this.#snippet(site, types)}
        </section>
      `,
    );
  }

  #snippet(site: SiteSettings, types: readonly SessionTypeView[]): TemplateResult {
    const { t } = this.app;
    const code = this.#code ?? types[0]?.code ?? "";
    const theme = this.#theme === "auto" ? "" : ` theme="${this.#theme}"`;
    const style = this.#accent === ACCENT ? "" : ` style="--somo-pay-accent: ${this.#accent}"`;
    const lines = [
      `<script type="module" src="${site.publicUrl}/widget.js"></script>`,
      `<somo-pay site-key="${site.publishableKey}" session-type="${code}" merchant="${forAttribute(site.name)}"${theme}${style}></somo-pay>`,
    ].join("\n");
    return html`<div class="fields">
        <div class="field">
          <label for="snippet-type">${t.lesson}</label>
          <select id="snippet-type" @change=${(event: Event) => this.#set(() => (this.#code = valueOf(event)))}>
            ${types.map((type) => html`<option value=${type.code} ?selected=${type.code === code}>${type.name}</option>`)}
          </select>
        </div>
        <div class="field">
          <label for="snippet-theme">${t.theme}</label>
          <select id="snippet-theme" @change=${(event: Event) => this.#set(() => (this.#theme = themeOf(valueOf(event))))}>
            ${(["auto", "light", "dark"] as const).map((each) => html`<option value=${each} ?selected=${each === this.#theme}>${t.themes[each]}</option>`)}
          </select>
        </div>
        <div class="field">
          <label for="snippet-accent">${t.accent}</label>
          <input
            id="snippet-accent"
            type="color"
            .value=${this.#accent}
            @input=${(event: Event) => this.#set(() => (this.#accent = valueOf(event)))}
          />
        </div>
      </div>
      ${copyable(this.app, lines)}
      <h3>${t.preview}</h3>
      <p class="muted">${t.previewText}</p>
      <widget-preview
        .site=${site}
        .look=${{ code, theme: this.#theme, accent: this.#accent === ACCENT ? null : this.#accent, language: this.app.language }}
      ></widget-preview>`;
  }

  #set(change: () => void): void {
    change();
    this.requestUpdate();
  }

  async #change({ name, allowedOrigins }: SiteSettings): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.website,
      consequence: t.originsText,
      fields: [
        { name: "name", label: t.siteName, value: name },
        { name: "origins", label: t.origins, kind: "textarea", value: allowedOrigins.join("\n"), hint: t.originsHint },
      ],
      action: t.save,
      run: (values) =>
        client.api("PATCH", "/site", { name: values["name"], allowedOrigins: (values["origins"] ?? "").split(/\s+/).filter(Boolean) }),
    });
    if (wasDone) await this.#read.reload();
  }
}

customElements.define("website-settings", WebsiteSettings);

function valueOf({ target }: Event): string {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : "";
}

function themeOf(value: string): "auto" | "light" | "dark" {
  return value === "light" || value === "dark" ? value : "auto";
}

function forAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
