import { html, nothing } from "lit/html.js";
import { moment } from "../format.ts";
import type { PartHost } from "../part-host.ts";
import { spinner } from "../views/icons.ts";
import { heading, mainButton } from "../views/parts.ts";
import type { ViewContext } from "../views/view-context.ts";
import { readSlots } from "./slots.ts";
import { waysInWords } from "./words.ts";
import type { WaysInWords } from "./words.ts";

/** What the service is asked to book, beside the session type. */
export interface Details {
  parentName: string;
  childName: string;
  email: string;
  date: string;
  time: string;
}

type Field = keyof Details | "slot";
type Trouble = "notBooked" | "checkDetails" | "tooMany";
/** `dateInPast` is said beside the field. */
type Refused = Trouble | "dateInPast";

/** The form of somebody who has no booking yet. */
export class DetailsForm {
  private readonly host: PartHost;
  private readonly send: (details: Details) => Promise<Refused | undefined>;
  private readonly values: Record<Field, string> = { parentName: "", childName: "", email: "", date: "", time: "", slot: "" };
  private wrong: Partial<Record<Field, "required" | "emailInvalid" | "dateInPast">> = {};
  private trouble: Trouble | undefined;
  private sending = false;
  private slotsGiven: readonly string[] | string = "";
  private slots: string[] = [];

  constructor(host: PartHost, send: (details: Details) => Promise<Refused | undefined>) {
    this.host = host;
    this.send = send;
  }

  view(context: ViewContext) {
    const words = context.words(waysInWords);
    this.readSlots();
    const trouble = this.trouble && words[this.trouble];
    return html`<form class="stage" part="form" novalidate @submit=${(event: Event) => void this.submit(event)}>
      ${heading(words.detailsTitle)} ${this.field("parentName", words, "text", "name")} ${this.field("childName", words, "text", "off")}
      ${this.field("email", words, "email", "email")}
      ${
        this.slots.length
          ? this.slotChoice(context, words)
          : html`<div class="pair">${this.field("date", words, "date", "off")}${this.field("time", words, "time", "off")}</div>`
      }
      ${trouble ? html`<p class="muted error" role="alert">${trouble}</p>` : nothing}
      <div class="actions">${mainButton(this.sending ? html`${spinner}${words.booking}` : words.goOn, undefined, this.sending)}</div>
    </form>`;
  }

  private readSlots(): void {
    const { slots } = this.host.element;
    if (slots === this.slotsGiven) return;
    this.slotsGiven = slots;
    this.slots = readSlots(slots);
  }

  private field(name: Exclude<Field, "slot">, words: WaysInWords, type: string, autocomplete: "name" | "email" | "off") {
    return html`<div class="field">
      <label for=${name} part="label">${words[name]}</label>
      <input
        id=${name}
        part="input"
        name=${name}
        type=${type}
        autocomplete=${autocomplete}
        aria-required="true"
        min=${type === "date" ? todayInKenya() : nothing}
        maxlength=${type === "text" ? 120 : nothing}
        aria-invalid=${this.wrong[name] ? "true" : nothing}
        aria-describedby=${this.wrong[name] ? `${name}-wrong` : nothing}
        .value=${this.values[name]}
        @input=${this.typed}
      />
      ${this.wrongness(name, words)}
    </div>`;
  }

  private slotChoice({ labels }: ViewContext, words: WaysInWords) {
    return html`<div class="field">
      <label for="slot" part="label">${words.slot}</label>
      <select
        id="slot"
        part="input"
        name="slot"
        aria-required="true"
        aria-invalid=${this.wrong.slot ? "true" : nothing}
        aria-describedby=${this.wrong.slot ? "slot-wrong" : nothing}
        @change=${this.typed}
      >
        <option value="">${words.chooseSlot}</option>
        ${this.slots.map(
          (slot) =>
            html`<option value=${slot} ?selected=${slot === this.values.slot}>${moment(new Date(`${slot}+03:00`), labels)}</option>`,
        )}
      </select>
      ${this.wrongness("slot", words)}
    </div>`;
  }

  private wrongness(name: Field, words: WaysInWords) {
    const wrong = this.wrong[name];
    return wrong ? html`<p id=${`${name}-wrong`} class="muted error" part="error">${words[wrong]}</p>` : nothing;
  }

  private readonly typed = ({ target }: Event): void => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
    const { name, value } = target;
    if (!isField(name)) return;
    this.values[name] = value;
    this.trouble = undefined;
    delete this.wrong[name];
    this.host.requestUpdate();
  };

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.sending) return;
    const fields = [...this.host.element.renderRoot.querySelectorAll<HTMLInputElement | HTMLSelectElement>("form [aria-required]")];
    const wrong = fields.filter((field) => !field.value.trim() || !field.validity.valid);
    this.wrong = Object.fromEntries(
      wrong.map(({ name, value, validity }) => [name, value.trim() && validity.typeMismatch ? "emailInvalid" : "required"]),
    );
    this.trouble = undefined;
    if (wrong.length) this.host.focusWrongField();
    else {
      this.sending = true;
      this.host.requestUpdate();
      const { slot, ...details } = this.values;
      const [date = details.date, time = details.time] = this.slots.length ? slot.split("T") : [];
      const refused = await this.send({ ...details, date, time });
      this.sending = false;
      if (refused === "dateInPast") {
        this.wrong = { [this.slots.length ? "slot" : "date"]: refused };
        this.host.focusWrongField();
      } else this.trouble = refused;
    }
    this.host.requestUpdate();
  }
}

const isField = (name: string): name is Field => /^(parentName|childName|email|date|time|slot)$/.test(name);

/** `YYYY-MM-DD`; Kenya is three hours ahead of UTC. */
const todayInKenya = () => new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 10);
