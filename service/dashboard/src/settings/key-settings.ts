import { html, nothing, type TemplateResult } from "lit";
import type { ApiKeyView } from "../api/types.ts";
import { copyable } from "../views/copyable.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";

/** Secret keys of the owner's servers. A key is shown once, when it is made. */
class KeySettings extends Page {
  #secret: string | null = null;
  readonly #keys = new Loading(this, () => this.app.client.api<{ data: ApiKeyView[] }>("GET", "/keys"));

  protected override render(): TemplateResult {
    const { t, format } = this.app;
    return html`<p><button class="primary" @click=${() => void this.#add()}>${t.addKey}</button></p>
      ${
        this.#secret === null
          ? nothing
          : html`<div class="notice secret" role="status">
              <p>${t.secretOnce}</p>
              ${copyable(this.app, this.#secret)}
            </div>`
      }
      ${this.shown(this.#keys, ({ data }) =>
        data.length === 0
          ? html`<p class="empty">${t.noKeys}</p>`
          : html`<ul class="cards">
              ${data.map(
                (key) =>
                  html`<li class="card">
                    <p>
                      <strong><bdi>${key.name}</bdi></strong> ${key.ending === null ? nothing : html`<code>…${key.ending}</code>`}
                      <span class="state">${key.access === "read" ? t.readOnly : t.fullAccess}</span>
                    </p>
                    <p class="muted">
                      ${key.lastUsedAt === null ? t.neverUsed : t.lastUsed(format.moment(key.lastUsedAt))}${key.endsAt === null ? nothing : ` · ${t.ends(format.moment(key.endsAt))}`}
                    </p>
                    <div class="buttons">
                      <button
                        class="framed"
                        @click=${() => void this.#do(t.rotate, t.rotateText, () => this.#keep("POST", `/keys/${encodeURIComponent(key.id)}/rotate`))}
                      >
                        ${t.rotate}
                      </button>
                      <button
                        class="framed"
                        @click=${() => void this.#do(t.revoke, t.revokeText, () => this.app.client.api("DELETE", `/keys/${encodeURIComponent(key.id)}`))}
                      >
                        ${t.revoke}
                      </button>
                    </div>
                  </li>`,
              )}
            </ul>`,
      )}`;
  }

  async #add(): Promise<void> {
    const { t } = this.app;
    const wasDone = await this.app.ask({
      title: t.addKey,
      consequence: t.addKeyText,
      fields: [
        { name: "name", label: t.keyName },
        {
          name: "access",
          label: t.access,
          choices: [
            { value: "full", label: t.fullAccess },
            { value: "read", label: t.readOnly },
          ],
        },
      ],
      action: t.addKey,
      run: (values) => this.#keep("POST", "/keys", values),
    });
    if (wasDone) await this.#keys.reload();
  }

  async #keep(method: "POST", path: string, body?: object): Promise<void> {
    this.#secret = (await this.app.client.api<{ secretKey?: string }>(method, path, body ?? {})).secretKey ?? null;
  }

  async #do(title: string, consequence: string, run: () => Promise<unknown>): Promise<void> {
    if (await this.app.ask({ title, consequence, action: title, isGrave: true, run })) await this.#keys.reload();
  }
}

customElements.define("key-settings", KeySettings);
