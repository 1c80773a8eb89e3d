/** What the links in mails lead to: joining a site, and a new password. The token stands behind the #, so that no server logs it. */
import { html, nothing, type TemplateResult } from "lit";
import { ApiError } from "../api/client.ts";
import type { Role, Session } from "../api/types.ts";
import { fieldView, type Field } from "../ask.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";

type Invitation = { email: string; siteName: string; role: Role; needsAccount: boolean };

const token = (): string => encodeURIComponent(location.hash.slice(1));

abstract class LinkPage extends Page {
  protected error: ApiError | null = null;
  protected isBusy = false;
  protected needsCode = false;

  protected form(path: string, fields: readonly Field[], words: string): TemplateResult {
    const { t } = this.app;
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event, path)}>
      ${fields.map((field) => fieldView(field, t))}
      ${this.error ? html`<p class="error" role="alert">${this.app.sentenceOf(this.error)}</p>` : nothing}
      <button class="primary wide" ?disabled=${this.isBusy}>${this.isBusy ? t.working : words}</button>
    </form>`;
  }

  protected abstract done(answer: Session | { twoFactor: true } | null): void;

  async #submit(event: SubmitEvent, path: string): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.isBusy) return;
    const body = Object.fromEntries(new FormData(event.target));
    this.isBusy = true;
    this.error = null;
    this.requestUpdate();
    try {
      this.done(await this.app.client.own("POST", path, body));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.error = error;
    }
    this.isBusy = false;
    this.requestUpdate();
  }
}

class InvitationPage extends LinkPage {
  readonly #invitation = new Loading(this, () => this.app.client.own<Invitation>("GET", `/invitations/${token()}`));

  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`<section class="card narrow">
      <h1 tabindex="-1">${t.invitation}</h1>
      ${this.needsCode ? this.form("/sign-in/code", [{ name: "code", label: t.code, autocomplete: "one-time-code" }], t.goOn) : this.shown(this.#invitation, (invitation) => this.#join(invitation))}
    </section>`;
  }

  #join({ email, siteName, role, needsAccount }: Invitation): TemplateResult {
    const { t } = this.app;
    const name: Field = { name: "name", label: t.yourName, autocomplete: "name" };
    const password: Field = needsAccount
      ? { name: "password", label: t.newPassword, kind: "password", autocomplete: "new-password", hint: t.passwordHint }
      : { name: "password", label: t.password, kind: "password", autocomplete: "current-password" };
    return html`<p>${t.joinText(siteName, t.roles[role])}</p>
      <p class="muted">${email}</p>
      ${this.form(`/invitations/${token()}`, needsAccount ? [name, password] : [password], needsAccount ? t.createAccount : t.join)}`;
  }

  protected override done(answer: Session | { twoFactor: true } | null): void {
    if (answer && "person" in answer) this.app.signedIn(answer);
    else this.needsCode = true;
  }
}

class ResetPage extends LinkPage {
  #isDone = false;

  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`<section class="card narrow">
      <h1 tabindex="-1">${t.newPassword}</h1>
      ${
        this.#isDone
          ? html`<p role="status">${t.passwordChanged}</p>
              <a class="primary wide" href=${href("/sign-in")}>${t.signIn}</a>`
          : this.form(
              `/password-reset/${token()}`,
              [{ name: "password", label: t.newPassword, kind: "password", autocomplete: "new-password", hint: t.passwordHint }],
              t.save,
            )
      }
    </section>`;
  }

  protected override done(): void {
    this.#isDone = true;
  }
}

class NoSitePage extends Page {
  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`<section class="card narrow">
      <h1 tabindex="-1">${t.noSite}</h1>
      <p>${t.noSiteText}</p>
      <button class="framed" @click=${() => void this.app.signOut()}>${t.signOut}</button>
    </section>`;
  }
}

customElements.define("invitation-page", InvitationPage);
customElements.define("reset-page", ResetPage);
customElements.define("no-site-page", NoSitePage);
