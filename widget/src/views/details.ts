/** The form of somebody who has no booking yet. */
import { html, nothing } from "lit";
import type { FieldName } from "../controllers/booking-controller.ts";
import { longDay, moment } from "../internal/format.ts";
import { loadingView } from "./card.ts";
import { heading, mainButton, sayAsOne, sayBusy } from "./parts.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

/** More times than these are easier to choose from a list. */
const CHIPS_MAX = 24;
const DATE_LENGTH = "YYYY-MM-DD".length;

export function detailsView(context: ViewContext) {
  const { labels, form } = context;
  if (form.resuming) return loadingView(context);
  const trouble = form.trouble && labels[form.trouble];
  return html`<form class="stage" part="form" novalidate @submit=${form.onSubmit}>
    ${heading({ title: labels.detailsTitle })} ${when(context)} ${field("childName", "text", "off", context)}
    ${field("parentName", "text", "name", context)} ${field("email", "email", "email", context)}
    ${trouble ? html`<p class="error" role="alert">${say(trouble)}</p>` : nothing}
    <div class="actions">${mainButton(form.sending ? sayBusy(labels.booking) : sayAsOne(labels.goOn), undefined, form.sending)}</div>
  </form>`;
}

/** In the order of a parent's thoughts: when, who, how to reach them. */
function when(context: ViewContext) {
  const { form, labels } = context;
  if (form.slots.length > CHIPS_MAX) return slotChoice(context);
  if (form.slots.length) return slotChips(context);
  const { date } = form.values;
  return html`<div class="pair">${field("date", "date", "off", context)}${field("time", "time", "off", context)}</div>
    ${date ? html`<p class="muted">${say(longDay(date, labels))}</p>` : nothing}`;
}

/** The times of each day as buttons of which one is chosen. */
function slotChips(context: ViewContext) {
  const { labels, form } = context;
  const dateOf = (slot: string) => slot.slice(0, DATE_LENGTH);
  const days = [...new Set(form.slots.map(dateOf))];
  return html`<fieldset aria-describedby=${form.wrong.slot ? "slot-wrong" : nothing}>
    <legend part="label">${say(labels.slot)}</legend>
    ${days.map(
      (date) =>
        html`<p class="muted">${say(longDay(date, labels))}</p>
          <div class="chips">
            ${form.slots.filter((slot) => dateOf(slot) === date).map((slot) => chip(slot, form.values.slot === slot, form.wrong.slot !== undefined, form.onInput))}
          </div>`,
    )}
    ${wrongness("slot", context)}
  </fieldset>`;
}

function chip(slot: string, isChosen: boolean, isWrong: boolean, choose: (event: Event) => void) {
  return html`<label class="chip">
    <input type="radio" name="slot" .value=${slot} ?data-wrong=${isWrong} .checked=${isChosen} @change=${choose} />
    ${slot.slice(DATE_LENGTH + 1)}
  </label>`;
}

function field(name: Exclude<FieldName, "slot">, type: string, autocomplete: "name" | "email" | "off", context: ViewContext) {
  const { labels, form } = context;
  return html`<div class="field">
    <label for=${name} part="label">${say(labels[name])}</label>
    <input
      id=${name}
      part="input"
      name=${name}
      type=${type}
      autocomplete=${autocomplete}
      aria-required="true"
      min=${type === "date" ? todayInKenya() : nothing}
      maxlength=${type === "text" ? 120 : nothing}
      aria-invalid=${form.wrong[name] ? "true" : nothing}
      aria-describedby=${form.wrong[name] ? `${name}-wrong` : nothing}
      .value=${form.values[name]}
      @input=${form.onInput}
    />
    ${wrongness(name, context)}
  </div>`;
}

function slotChoice(context: ViewContext) {
  const { labels, form } = context;
  return html`<div class="field">
    <label for="slot" part="label">${say(labels.slot)}</label>
    <select
      id="slot"
      part="input"
      name="slot"
      aria-required="true"
      aria-invalid=${form.wrong.slot ? "true" : nothing}
      aria-describedby=${form.wrong.slot ? "slot-wrong" : nothing}
      @change=${form.onInput}
    >
      <option value="">${say(labels.chooseSlot)}</option>
      ${form.slots.map(
        (slot) =>
          html`<option value=${slot} ?selected=${slot === form.values.slot}>${say(moment(new Date(`${slot}+03:00`), labels))}</option>`,
      )}
    </select>
    ${wrongness("slot", context)}
  </div>`;
}

function wrongness(name: FieldName, { labels, form }: ViewContext) {
  const wrong = form.wrong[name];
  return wrong ? html`<p id=${`${name}-wrong`} class="error" part="error">${say(labels[wrong])}</p>` : nothing;
}

/** `YYYY-MM-DD`; Kenya is three hours ahead of UTC. */
const todayInKenya = () => new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 10);
