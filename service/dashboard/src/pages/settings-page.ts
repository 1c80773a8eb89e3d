import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { Role } from "../api/types.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { icon } from "../views/icons.ts";
import "../settings/account-settings.ts";
import "../settings/key-settings.ts";
import "../settings/mpesa-settings.ts";
import "../settings/price-settings.ts";
import "../settings/export-settings.ts";
import "../settings/staff-settings.ts";
import "../settings/webhook-settings.ts";
import "../settings/website-settings.ts";

/** What a site and a person can set, part by part. */
class SettingsPage extends Page {
  static override readonly properties: PropertyDeclarations = { ...Page.properties, name: { attribute: false } };
  /** `prices`, `website`, …; empty: the list of them. */
  declare name: string;

  protected override render(): TemplateResult {
    const { t } = this.app;
    const parts = this.#parts().filter(({ least }) => this.app.may(least));
    const part = parts.find(({ name }) => name === this.name);
    if (part)
      return html`<p class="crumb"><a href=${href("/settings")}>${icon("back")}${t.settings}</a></p>
        <h1 tabindex="-1">${part.title}</h1>
        ${part.view}`;
    return html`<h1 tabindex="-1">${t.settings}</h1>
      ${this.name === "" ? nothing : html`<p class="empty">${t.notFound}</p>`}
      <ul class="lines">
        ${parts.map(
          ({ name, title, about }) =>
            html`<li>
              <a class="line setting" href=${href(`/settings/${name}`)}
                ><strong>${title}</strong><span class="muted">${about}</span>${icon("forward")}</a
              >
            </li>`,
        )}
      </ul>`;
  }

  #parts(): { name: string; title: string; about: string; least: Role; view: TemplateResult }[] {
    const { app } = this;
    const { t } = app;
    return [
      {
        name: "prices",
        title: t.priceList,
        about: t.priceListAbout,
        least: "viewer",
        view: html`<price-settings .app=${app}></price-settings>`,
      },
      {
        name: "website",
        title: t.website,
        about: t.websiteAbout,
        least: "viewer",
        view: html`<website-settings .app=${app}></website-settings>`,
      },
      { name: "mpesa", title: t.mpesa, about: t.mpesaAbout, least: "owner", view: html`<mpesa-settings .app=${app}></mpesa-settings>` },
      {
        name: "webhooks",
        title: t.webhooks,
        about: t.webhooksAbout,
        least: "viewer",
        view: html`<webhook-settings .app=${app}></webhook-settings>`,
      },
      { name: "keys", title: t.keys, about: t.keysAbout, least: "owner", view: html`<key-settings .app=${app}></key-settings>` },
      { name: "staff", title: t.staff, about: t.staffAbout, least: "viewer", view: html`<staff-settings .app=${app}></staff-settings>` },
      {
        name: "exports",
        title: t.exports,
        about: t.exportsAbout,
        least: "viewer",
        view: html`<export-settings .app=${app}></export-settings>`,
      },
      {
        name: "account",
        title: t.account,
        about: t.accountAbout,
        least: "viewer",
        view: html`<account-settings .app=${app}></account-settings>`,
      },
    ];
  }
}

customElements.define("settings-page", SettingsPage);
