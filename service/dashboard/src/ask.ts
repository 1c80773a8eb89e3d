import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { ApiError } from "./api/client.ts";
import type { Labels } from "./labels/labels.ts";

export type Field = {
  name: string;
  label: string;
  kind?: "text" | "date" | "time" | "number" | "password" | "email" | "tel" | "url" | "textarea";
  value?: string;
  optional?: boolean;
  hint?: string;
  autocomplete?: AutoFill;
  choices?: readonly { value: string; label: string }[];
};

/** Something that changes money, bookings or settings: what it does is said before it is done. */
export type Question = {
  title: string;
  /** What will happen, in a sentence or two. */
  consequence: string | TemplateResult;
  fields?: readonly Field[];
  /** The words of the button, as a verb: "Refund KES 1,500". */
  action: string;
  isGrave?: boolean;
  /** May throw an ApiError: its sentence is shown, and the dialog stays open. */
  run(values: Record<string, string>): Promise<unknown>;
};

type Shown = { question: Question; error: string | null; isBusy: boolean; done: (wasDone: boolean) => void };

/** The dialogs of the app: one, and above it the password if the service asks for it before it goes on. */
export class Asking {
  #shown: readonly Shown[] = [];
  readonly #update: () => void;
  readonly #sentenceOf: (error: ApiError) => string;

  constructor(update: () => void, sentenceOf: (error: ApiError) => string) {
    this.#update = update;
    this.#sentenceOf = sentenceOf;
  }

  ask(question: Question): Promise<boolean> {
    return new Promise((done) => {
      this.#shown = [...this.#shown, { question, error: null, isBusy: false, done }];
      this.#update();
    });
  }

  /** Opens what is to be shown; called after each render. */
  show(root: ParentNode): void {
    for (const dialog of root.querySelectorAll<HTMLDialogElement>("dialog:not([open])")) dialog.showModal();
  }

  view(t: Labels): TemplateResult {
    return html`${repeat(
      this.#shown,
      (shown) => shown,
      (shown, index) => this.#dialog(shown, `ask-${index}`, t),
    )}`;
  }

  #dialog(shown: Shown, id: string, t: Labels): TemplateResult {
    const { question, error, isBusy } = shown;
    return html`<dialog aria-labelledby=${`${id}-title`} aria-describedby=${`${id}-consequence`} @close=${() => this.#end(shown, false)}>
      <form method="dialog" @submit=${(event: SubmitEvent) => void this.#submit(event, shown)}>
        <h2 id=${`${id}-title`}>${question.title}</h2>
        <div id=${`${id}-consequence`} class=${question.isGrave ? "consequence grave" : "consequence"}>${question.consequence}</div>
        ${question.fields?.map((field) => fieldView(field, t, id))}
        ${error === null ? nothing : html`<p class="error" role="alert">${error}</p>`}
        <div class="buttons">
          <button class=${question.isGrave ? "primary grave" : "primary"} ?disabled=${isBusy}>
            ${isBusy ? t.working : question.action}
          </button>
          <button type="button" class="framed" @click=${() => this.#end(shown, false)}>${t.cancel}</button>
        </div>
      </form>
    </dialog>`;
  }

  async #submit(event: SubmitEvent, shown: Shown): Promise<void> {
    event.preventDefault();
    if (shown.isBusy || !(event.target instanceof HTMLFormElement)) return;
    const values = valuesOf(event.target, shown.question);
    shown.isBusy = true;
    shown.error = null;
    this.#update();
    try {
      await shown.question.run(values);
      this.#end(shown, true);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      shown.isBusy = false;
      shown.error = this.#sentenceOf(error);
      this.#update();
    }
  }

  /** Whoever closes a dialog while the service works learns what was done all the same. */
  #end(shown: Shown, wasDone: boolean): void {
    if (!this.#shown.includes(shown) && !wasDone) return;
    this.#shown = this.#shown.filter((each) => each !== shown);
    if (wasDone || !shown.isBusy) shown.done(wasDone);
    this.#update();
  }
}

/** Blanks around what was typed mean nothing, except in a password. */
function valuesOf(form: HTMLFormElement, { fields = [] }: Question): Record<string, string> {
  const secret = new Set(fields.filter(({ kind }) => kind === "password").map(({ name }) => name));
  const said = [...new FormData(form)].map(([name, value]) => [name, typeof value === "string" ? value : ""] as const);
  return Object.fromEntries(said.map(([name, value]) => [name, secret.has(name) ? value : value.trim()]));
}

/**
 * A labelled field; its hint belongs to it for screen readers too.
 * @param within makes its id one of its own in the document
 */
export function fieldView(
  { name, label, kind = "text", value = "", optional = false, hint, autocomplete, choices }: Field,
  t: Labels,
  within = "field",
): TemplateResult {
  const id = `${within}-${name}`;
  const described = hint === undefined ? nothing : `${id}-hint`;
  return html`<div class="field">
    <label for=${id}>${label}${optional ? [" ", html`<span class="muted">(${t.optional})</span>`] : nothing}</label>
    ${
      choices
        ? html`<select id=${id} name=${name}>
            ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`)}
          </select>`
        : kind === "textarea"
          ? html`<textarea id=${id} name=${name} rows="3" ?required=${!optional} aria-describedby=${described} .value=${value}></textarea>`
          : html`<input
              id=${id}
              name=${name}
              type=${kind}
              ?required=${!optional}
              autocomplete=${autocomplete ?? "off"}
              aria-describedby=${described}
              .value=${value}
            />`
    }
    ${hint === undefined ? nothing : html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}
