import { html, nothing, type TemplateResult } from "lit";
import type { SignIn } from "../api/types.ts";
import { copyable } from "../views/copyable.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { qrOf } from "../views/qr.ts";

type Secret = { uri: string; secret: string; backupCodes?: readonly string[] };

/** One's own account: password, second factor, where one is signed in. */
class AccountSettings extends Page {
  #secret: Secret | null = null;
  #qr: unknown = nothing;
  #codes: readonly string[] | null = null;
  readonly #signIns = new Loading(this, () => this.app.client.own<{ data: SignIn[] }>("GET", "/sign-ins"));

  protected override render(): TemplateResult {
    const { t, session } = this.app;
    const person = session?.person;
    return html`<section class="card">
        <p>
          <strong><bdi>${person?.name ?? ""}</bdi></strong>
        </p>
        <p class="muted"><bdi>${person?.email ?? ""}</bdi></p>
        <div class="buttons">
          <button class="framed" @click=${() => void this.#changePassword()}>${t.changePassword}</button>
          <button class="framed" @click=${() => void this.app.signOut()}>${t.signOut}</button>
        </div>
      </section>
      <section class="card">
        <h2>${t.twoFactor}</h2>
        <p>${person?.twoFactor ? t.twoFactorOn : t.twoFactorOff}</p>
        ${
          this.#secret === null
            ? nothing
            : html`<p>${t.twoFactorSecret}</p>
                ${this.#qr} ${copyable(this.app, this.#secret.secret)}
                <p><a href=${this.#secret.uri}>${t.openAuthenticator}</a></p>`
        }
        ${
          this.#codes === null
            ? nothing
            : html`<div role="status">
                <p>${t.backupCodesText}</p>
                ${copyable(this.app, this.#codes.join("\n"))}
              </div>`
        }
        <div class="buttons">
          ${
            person?.twoFactor
              ? html`<button class="framed" @click=${() => void this.#turnOff()}>${t.turnOff}</button>`
              : this.#secret === null
                ? html`<button class="framed" @click=${() => void this.#begin()}>${t.turnOn}</button>`
                : html`<button class="primary" @click=${() => void this.#confirm()}>${t.enterCode}</button>`
          }
        </div>
      </section>
      <section>
        <h2>${t.signIns}</h2>
        ${this.shown(this.#signIns, ({ data }) => this.#list(data))}
        <button class="framed" @click=${() => void this.#everywhere()}>${t.signOutEverywhere}</button>
      </section>`;
  }

  #list(signIns: readonly SignIn[]): TemplateResult {
    const { t, format } = this.app;
    return html`<ul class="facts">
      ${signIns.map(
        (signIn) =>
          html`<li>
            <span><bdi>${signIn.device}</bdi><br /><span class="muted">${format.moment(signIn.at)} · ${signIn.address}</span></span>
            ${
              signIn.current || signIn.ended !== undefined
                ? html`<span class="muted">${signIn.current ? t.thisDevice : t.ended}</span>`
                : html`<button class="framed" @click=${() => void this.#end(signIn)}>${t.endSignIn}</button>`
            }
          </li>`,
      )}
    </ul>`;
  }

  async #changePassword(): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.changePassword,
      consequence: t.changePasswordText,
      fields: [
        { name: "current", label: t.password, kind: "password", autocomplete: "current-password" },
        { name: "next", label: t.newPassword, kind: "password", autocomplete: "new-password", hint: t.passwordHint },
      ],
      action: t.save,
      run: (values) => client.own("POST", "/password", values),
    });
    if (wasDone) this.app.say(t.passwordChanged);
  }

  async #begin(): Promise<void> {
    const secret = await this.app.attempt(() => this.app.client.own<Secret>("POST", "/two-factor"));
    if (!secret) return;
    this.#secret = secret;
    if (this.#secret.backupCodes) this.#codes = this.#secret.backupCodes;
    this.#qr = await qrOf(this.#secret.uri, this.app.t.twoFactorSecret);
    this.requestUpdate();
  }

  async #confirm(): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.twoFactor,
      consequence: t.codeText,
      fields: [{ name: "code", label: t.code, autocomplete: "one-time-code" }],
      action: t.turnOn,
      run: async (values) => {
        const answer = await client.own<{ backupCodes?: string[] } | null>("POST", "/two-factor/confirm", values);
        if (answer?.backupCodes) this.#codes = answer.backupCodes;
      },
    });
    if (!wasDone) return;
    this.#secret = null;
    await this.app.refresh();
    this.requestUpdate();
  }

  async #turnOff(): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.turnOff,
      consequence: t.twoFactorOffText,
      fields: [{ name: "code", label: t.code, autocomplete: "one-time-code" }],
      action: t.turnOff,
      isGrave: true,
      run: (values) => client.own("DELETE", "/two-factor", values),
    });
    if (wasDone) await this.app.refresh();
  }

  async #end({ id, device }: SignIn): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.endSignIn,
      consequence: t.endSignInText(device),
      action: t.endSignIn,
      run: () => client.own("DELETE", `/sign-ins/${encodeURIComponent(id)}`),
    });
    if (wasDone) await this.#signIns.reload();
  }

  async #everywhere(): Promise<void> {
    const { t, client } = this.app;
    await this.app.ask({
      title: t.signOutEverywhere,
      consequence: t.signOutEverywhereText,
      action: t.signOutEverywhere,
      isGrave: true,
      run: () => client.own("POST", "/sign-out-everywhere"),
    });
    await this.app.refresh();
  }
}

customElements.define("account-settings", AccountSettings);
