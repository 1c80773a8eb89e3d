/** The form of somebody who has no booking yet. */
import { html, nothing } from "lit";
import type { FieldName } from "../controllers/booking-controller.ts";
import { moment } from "../internal/format.ts";
import { spinner } from "../internal/icons.ts";
import { loadingView } from "./card.ts";
import { heading, mainButton, say, sayAsOne } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

export function detailsView(context: ViewContext) {
  const { labels, form, act } = context;
  if (form.resuming) return loadingView(context);
  const trouble = form.trouble && labels[form.trouble];
  return html`<form class="stage" part="form" novalidate @submit=${act.sendDetails}>
    ${heading(labels.detailsTitle)} ${field("parentName", "text", "name", context)} ${field("childName", "text", "off", context)}
    ${field("email", "email", "email", context)}
    ${
      form.slots.length
        ? slotChoice(context)
        : html`<div class="pair">${field("date", "date", "off", context)}${field("time", "time", "off", context)}</div>`
    }
    ${trouble ? html`<p class="muted error" role="alert">${say(trouble)}</p>` : nothing}
    <div class="actions">
      ${mainButton(form.sending ? html`${spinner}${sayAsOne(labels.booking)}` : sayAsOne(labels.goOn), undefined, form.sending)}
    </div>
  </form>`;
}

function field(name: Exclude<FieldName, "slot">, type: string, autocomplete: "name" | "email" | "off", context: ViewContext) {
  const { labels, form, act } = context;
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
      @input=${act.typeDetails}
    />
    ${wrongness(name, context)}
  </div>`;
}

function slotChoice(context: ViewContext) {
  const { labels, form, act } = context;
  return html`<div class="field">
    <label for="slot" part="label">${say(labels.slot)}</label>
    <select
      id="slot"
      part="input"
      name="slot"
      aria-required="true"
      aria-invalid=${form.wrong.slot ? "true" : nothing}
      aria-describedby=${form.wrong.slot ? "slot-wrong" : nothing}
      @change=${act.typeDetails}
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
  return wrong ? html`<p id=${`${name}-wrong`} class="muted error" part="error">${say(labels[wrong])}</p>` : nothing;
}

/** `YYYY-MM-DD`; Kenya is three hours ahead of UTC. */
const todayInKenya = () => new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 10);
