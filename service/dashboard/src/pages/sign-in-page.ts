import { html, nothing, type TemplateResult } from "lit";
import { ApiError } from "../api/client.ts";
import type { Session } from "../api/types.ts";
import { fieldView } from "../ask.ts";
import { demoOwner } from "../demo.ts";
import { Page } from "../page.ts";

type Step = "password" | "code" | "forgotten" | "mailed";

/** Address and password, then the code of those who have one; and the way out for whoever has forgotten the password. */
class SignInPage extends Page {
  #step: Step = "password";
  #error: ApiError | null = null;
  #isBusy = false;
  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`<section class="card narrow">
      <h1 tabindex="-1">${t.signIn}</h1>
      ${this.#error ? html`<p class="error" role="alert">${this.app.sentenceOf(this.#error)}</p>` : nothing} ${this.#form()}
      ${
        demoOwner() !== null && this.#step === "password"
          ? html`<div class="demo">
              <p class="muted">${t.demoHint}</p>
              <button class="framed wide" @click=${() => void this.#send("/demo-sign-in", {})}>${t.demoSignIn}</button>
            </div>`
          : nothing
      }
    </section>`;
  }

  #form(): TemplateResult {
    const { t } = this.app;
    switch (this.#step) {
      case "password":
        return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event, "/sign-in")}>
          ${fieldView({ name: "email", label: t.email, kind: "email", autocomplete: "username" }, t)}
          ${fieldView({ name: "password", label: t.password, kind: "password", autocomplete: "current-password" }, t)}
          ${this.#button(t.signIn)}
          <button type="button" class="quiet" @click=${() => this.#go("forgotten")}>${t.forgotten}</button>
        </form>`;
      case "code":
        return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event, "/sign-in/code")}>
          <p>${t.codeText}</p>
          ${fieldView({ name: "code", label: t.code, autocomplete: "one-time-code" }, t)} ${this.#button(t.goOn)}
          <button type="button" class="quiet" @click=${() => this.#go("password")}>${t.back}</button>
        </form>`;
      case "forgotten":
        return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event, "/password-reset")}>
          <p>${t.forgottenText}</p>
          ${fieldView({ name: "email", label: t.email, kind: "email", autocomplete: "username" }, t)} ${this.#button(t.sendLink)}
          <button type="button" class="quiet" @click=${() => this.#go("password")}>${t.back}</button>
        </form>`;
      case "mailed":
        return html`<p role="status">${t.mailedText}</p>
          <button class="framed" @click=${() => this.#go("password")}>${t.back}</button>`;
    }
  }

  #button(words: string): TemplateResult {
    return html`<button class="primary wide" ?disabled=${this.#isBusy}>${this.#isBusy ? this.app.t.working : words}</button>`;
  }

  #go(step: Step): void {
    this.#step = step;
    this.#error = null;
    this.requestUpdate();
  }

  async #submit(event: SubmitEvent, path: string): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    await this.#send(path, Object.fromEntries(new FormData(event.target)));
  }

  async #send(path: string, body: object): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#error = null;
    this.requestUpdate();
    try {
      const answer = await this.app.client.own<Session | { twoFactor: true } | null>("POST", path, body);
      if (answer && "person" in answer) this.app.signedIn(answer);
      else this.#step = path === "/password-reset" ? "mailed" : "code";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#error = error;
    }
    this.#isBusy = false;
    this.requestUpdate();
  }
}

customElements.define("sign-in-page", SignInPage);
