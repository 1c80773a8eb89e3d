import { html, LitElement, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { ApiError, createClient, type Client } from "./api/client.ts";
import type { Role, Session } from "./api/types.ts";
import type { App } from "./app.ts";
import { Asking } from "./ask.ts";
import { createFormat } from "./format.ts";
import { labelsIn, languages, rememberedLanguage, rememberLanguage, type Language } from "./labels/labels.ts";
import { pageAt } from "./pages.ts";
import { href, Router } from "./router.ts";
import { demoOwner } from "./demo.ts";
import { icon, type Icon } from "./views/icons.ts";

/** More digits would not fit, and tell nobody more. */
const BADGE_MAX = 99;
/** Long enough to read a sentence twice. */
const SAID_FOR_MS = 6_000;
const SITE_KEY = "somopay-dashboard-site";
const roles: readonly Role[] = ["viewer", "manager", "owner"];

/** The frame around every page: who is signed in, which site, the way around, the one dialog and the one line that says what was done. */
export class SomoDashboard extends LitElement {
  readonly #router = new Router(this);
  readonly #asking = new Asking(
    () => this.requestUpdate(),
    (error) => this.#sentenceOf(error),
  );
  readonly #client: Client = createClient({
    siteId: () => this.#site?.siteId ?? null,
    language: () => this.#language,
    confirm: () => this.#confirmPassword(),
    onSignedOut: () => this.#setSession(null),
  });
  #session: Session | null = null;
  #isKnown = false;
  #failure: ApiError | null = null;
  #siteId = localStorage.getItem(SITE_KEY);
  #language: Language = rememberedLanguage();
  #said = "";
  #saidTimer: number | undefined;
  #attention = 0;
  /** Who was last seen where. */
  #shown: string | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#readSession();
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override updated(): void {
    document.documentElement.lang = this.#language;
    this.#asking.show(this);
    const shown = `${this.#session?.person.id ?? ""} ${this.#router.path}`;
    if (!this.#isKnown || shown === this.#shown) return;
    const isFirst = this.#shown === null;
    this.#shown = shown;
    void this.#arrive(isFirst);
  }

  /** A new page is announced by its heading, and Tab goes on from there. The first one is announced by the browser. */
  async #arrive(isFirst: boolean): Promise<void> {
    const { part } = pageAt(this.#app);
    try {
      await part?.();
    } catch {
      // After an upgrade the files of an open page are gone; without a network too.
      this.#say(labelsIn(this.#language).partMissing);
    }
    if (isFirst) return;
    const page = this.querySelector("main > *");
    if (page instanceof LitElement) await page.updateComplete;
    this.querySelector<HTMLElement>("main h1")?.focus();
  }

  protected override render(): TemplateResult {
    const app = this.#app;
    const { t } = app;
    if (!this.#isKnown) return this.#waiting(app);
    const { view, title, isOpen } = pageAt(app);
    document.title = `${title} · SomoPay`;
    if (isOpen || !this.#session)
      return html`<main class="plain">${view}</main>
        <footer class="plain">${this.#languageSwitch(t.language)}</footer>
        ${this.#asking.view(t)}`;
    return html`
      <a class="skip" href="#main" @click=${skip}>${t.skip}</a>
      <div class="frame">
        ${this.#top(app)} ${this.#ways(app)}
        <main id="main" tabindex="-1">${view}</main>
      </div>
      <p class="said" role="status">${this.#said}</p>
      ${this.#asking.view(t)}
    `;
  }

  #waiting({ t }: App): TemplateResult {
    return html`<main class="plain">
      ${
        this.#failure
          ? html`<div class="notice warm" role="alert">
              <p>${this.#sentenceOf(this.#failure)}</p>
              <button class="framed" @click=${() => void this.#readSession()}>${t.tryAgain}</button>
            </div>`
          : html`<p class="muted" role="status">${t.loading}</p>`
      }
    </main>`;
  }

  get #site(): Session["sites"][number] | null {
    const sites = this.#session?.sites ?? [];
    return sites.find(({ siteId }) => siteId === this.#siteId) ?? sites[0] ?? null;
  }

  get #app(): App {
    const site = this.#site;
    return {
      client: this.#client,
      router: this.#router,
      session: this.#session,
      site,
      language: this.#language,
      t: labelsIn(this.#language),
      format: createFormat(this.#language),
      may: (least) => site !== null && roles.indexOf(site.role) >= roles.indexOf(least),
      ask: (question) => this.#asking.ask(question),
      say: (sentence) => this.#say(sentence),
      attempt: (work) => this.#attempt(work),
      sentenceOf: (error) => (error ? this.#sentenceOf(error) : ""),
      signedIn: (session) => {
        this.#setSession(session);
        this.#router.go("", { replace: true });
      },
      signOut: async () => {
        // Whoever could not be signed out must not believe it.
        if ((await this.#attempt(async () => ({ answer: await this.#client.own("POST", "/sign-out") }))) === null) return;
        this.#setSession(null);
        this.#router.go("");
      },
      refresh: () => this.#readSession(),
      noteAttention: (count) => {
        if (this.#attention === count) return;
        this.#attention = count;
        this.requestUpdate();
      },
      chooseSite: (siteId) => {
        this.#siteId = siteId;
        this.#attention = 0;
        localStorage.setItem(SITE_KEY, siteId);
        this.#router.go("");
      },
      chooseLanguage: (language) => {
        this.#language = language;
        rememberLanguage(language);
        this.requestUpdate();
      },
    };
  }

  #top(app: App): TemplateResult {
    const { t, site, session, router } = app;
    return html`<header class="top">
      ${
        session && session.sites.length > 1
          ? html`<select class="site" aria-label=${t.site} @change=${(event: Event) => chosen(event, app.chooseSite)}>
              ${session.sites.map(({ siteId, name }) => html`<option value=${siteId} ?selected=${siteId === site?.siteId}>${name}</option>`)}
            </select>`
          : html`<a class="site" href=${href("")}><bdi>${site?.name ?? "SomoPay"}</bdi></a>`
      }
      <form class="search" role="search" @submit=${(event: SubmitEvent) => search(event, app)}>
        ${icon("search")}
        <input
          type="search"
          name="q"
          aria-label=${t.searchLabel}
          placeholder=${t.searchHint}
          maxlength="1000"
          autocomplete="off"
          enterkeyhint="search"
          .value=${live(router.path === "/search" ? (router.query.get("q") ?? "") : "")}
        />
      </form>
      ${this.#languageSwitch(t.language)}
    </header>`;
  }

  #ways({ t, router }: App): TemplateResult {
    const ways: { path: string; name: string; drawing: Icon }[] = [
      { path: "", name: t.today, drawing: "today" },
      { path: "/attention", name: t.attention, drawing: "attention" },
      { path: "/bookings", name: t.bookings, drawing: "bookings" },
      { path: "/payments", name: t.payments, drawing: "payments" },
      { path: "/settings", name: t.settings, drawing: "settings" },
    ];
    const isHere = (path: string): boolean => (path === "" ? router.path === "" : router.path.startsWith(path));
    const waiting =
      this.#attention === 0
        ? nothing
        : html`<span class="badge" aria-hidden="true">${Math.min(this.#attention, BADGE_MAX)}</span
            ><span class="unseen">, ${t.waitForYou(this.#attention)}</span>`;
    return html`<nav class="ways" aria-label=${t.pages}>
      ${ways.map(
        ({ path, name, drawing }) =>
          html`<a href=${href(path)} aria-current=${isHere(path) ? "page" : nothing}
            >${icon(drawing)}<span>${name}</span>${path === "/attention" ? waiting : nothing}</a
          >`,
      )}
    </nav>`;
  }

  #languageSwitch(label: string): TemplateResult {
    return html`<div class="languages" role="group" aria-label=${label}>
      ${languages.map(
        (language) =>
          html`<button
            lang=${language}
            aria-pressed=${language === this.#language ? "true" : "false"}
            @click=${() => this.#app.chooseLanguage(language)}
          >
            ${language.toUpperCase()}
          </button>`,
      )}
    </div>`;
  }

  async #readSession(): Promise<void> {
    this.#failure = null;
    try {
      this.#setSession(await this.#client.own<Session>("GET", "/session"));
      void this.#countAttention();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.#setSession(null);
      else this.#failure = error;
    }
    this.requestUpdate();
  }

  /** For the number beside the way there, on whichever page somebody begins. */
  async #countAttention(): Promise<void> {
    if (this.#router.path === "" || !this.#site) return;
    try {
      const { data } = await this.#client.api<{ data: unknown[] }>("GET", `/attention?limit=${BADGE_MAX}`);
      this.#app.noteAttention(data.length);
    } catch (error) {
      // Only a number is missing; the page itself says what is wrong.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #setSession(session: Session | null): void {
    this.#session = session;
    this.#isKnown = true;
    this.requestUpdate();
  }

  async #confirmPassword(): Promise<boolean> {
    // Nobody knows the password of the demo's owner.
    if (demoOwner() !== null && demoOwner() === this.#session?.person.email)
      return (await this.#attempt(async () => ({ answer: await this.#client.own("POST", "/demo-sign-in", {}) }))) !== null;
    const t = labelsIn(this.#language);
    return this.#asking.ask({
      title: t.confirmTitle,
      consequence: t.confirmText,
      fields: [{ name: "password", label: t.password, kind: "password", autocomplete: "current-password" }],
      action: t.goOn,
      run: ({ password }) => this.#client.own("POST", "/confirm", { password }),
    });
  }

  async #attempt<Answer>(work: () => Promise<Answer>): Promise<Answer | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#say(this.#sentenceOf(error));
      return null;
    }
  }

  #say(sentence: string): void {
    clearTimeout(this.#saidTimer);
    this.#said = sentence;
    this.requestUpdate();
    if (sentence !== "") this.#saidTimer = window.setTimeout(() => this.#say(""), SAID_FOR_MS);
  }

  #sentenceOf(error: ApiError): string {
    const t = labelsIn(this.#language);
    if (error.code === "offline") return t.offline;
    const known = t.errors[error.code];
    if (known !== undefined) return known;
    const [first] = error.fields;
    return first ? `${first.field}: ${first.message}` : error.message || t.somethingFailed;
  }
}

customElements.define("somo-dashboard", SomoDashboard);

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main")?.focus();
}

function chosen(event: Event, choose: (value: string) => void): void {
  if (event.target instanceof HTMLSelectElement) choose(event.target.value);
}

function search(event: SubmitEvent, { router }: App): void {
  event.preventDefault();
  if (!(event.target instanceof HTMLFormElement)) return;
  const text = new FormData(event.target).get("q");
  if (typeof text === "string" && text.trim() !== "") router.go(`/search?q=${encodeURIComponent(text.trim())}`);
}
