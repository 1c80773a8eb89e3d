import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { readBooking } from "../api/read-booking.ts";
import type { OwnerBooking, Timeline, TimelineEntry } from "../api/types.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { actionButtons } from "../views/action-buttons.ts";
import { icon } from "../views/icons.ts";
import { serviceText } from "../views/service-text.ts";
import { stateOf } from "../views/lines.ts";

type Action = Timeline["actions"][number];

/** One booking and its payments: what happened, in words, and what can be done now. */
class BookingPage extends Page {
  static override readonly properties: PropertyDeclarations = { ...Page.properties, bookingId: { attribute: false } };
  declare bookingId: string;

  readonly #read = new Loading(this, () => readBooking(this.app.client, this.bookingId), { keyOf: () => this.app.language });

  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`<p class="crumb"><a href=${href("/bookings")}>${icon("back")}${t.bookings}</a></p>
      ${this.#read.data ? nothing : html`<h1 tabindex="-1">${t.booking}</h1>`}
      ${this.shown(
        this.#read,
        ({ booking, timeline }) => html`
          <h1 tabindex="-1"><bdi>${booking.childName}</bdi> · <bdi>${booking.session.name}</bdi></h1>
          <div class="columns">
            <div>${this.#facts(booking)} ${this.#actions(booking, timeline.actions)}</div>
            <section>
              <h2>${t.whatHappened}</h2>
              <ol class="timeline">
                ${timeline.data.map((entry) => this.#entry(entry))}
              </ol>
            </section>
          </div>
        `,
      )}`;
  }

  #facts(booking: OwnerBooking): TemplateResult {
    const { t, format } = this.app;
    const { session, payment } = booking;
    return html`<section class="card">
      <p class="amount">
        <span>${format.money(booking.amountPaid)}</span>
        <span class="muted">${t.of} ${format.money(booking.amount)}</span> ${stateOf(this.app, booking)}
      </p>
      <dl class="pairs">
        <dt>${t.when}</dt>
        <dd>${format.longDay(session.date)}, ${session.time}</dd>
        <dt>${t.parent}</dt>
        <dd><bdi>${booking.parentName}</bdi></dd>
        <dt>${t.email}</dt>
        <dd><bdi>${booking.email}</bdi></dd>
        <dt>${t.reference}</dt>
        <dd>${booking.reference}</dd>
        ${
          payment?.receipt === undefined
            ? nothing
            : html`<dt>${t.receipt}</dt>
                <dd>${payment.receipt}</dd>`
        }
        ${
          payment
            ? html`<dt>${t.phone}</dt>
                <dd>${payment.phone}</dd>`
            : nothing
        }
        ${
          booking.surplus === undefined
            ? nothing
            : html`<dt>${t.surplus}</dt>
                <dd>${format.money(booking.surplus)}</dd>`
        }
        ${
          payment?.reason === undefined
            ? nothing
            : html`<dt>${t.lastTry}</dt>
                <dd>${t.reasons[payment.reason]}</dd>`
        }
      </dl>
    </section>`;
  }

  #actions(booking: OwnerBooking, actions: readonly Action[]): TemplateResult | typeof nothing {
    const { app } = this;
    if (!app.may("manager")) return nothing;
    const { t } = app;
    const receipt =
      booking.payment?.receipt === undefined
        ? nothing
        : html`<a class="framed" href=${`/api/booking/${encodeURIComponent(booking.bookingId)}/receipt`} target="_blank" rel="noopener"
            >${t.receiptPage}</a
          >`;
    return html`<section>
      <h2>${t.whatNow}</h2>
      <div class="buttons">${actionButtons(app, booking, actions, () => void this.#read.reload())} ${receipt}</div>
    </section>`;
  }

  #entry({ at, kind, text, actor, reason, raw, details }: TimelineEntry): TemplateResult {
    const { t, format } = this.app;
    return html`<li class=${`entry ${kind}`}>
      <p class="muted">
        ${format.moment(at)} ·
        ${t.timelineKinds[kind]}${actor === null ? nothing : [" · ", html`<bdi>${actor.replace(/^person:/, "")}</bdi>`]}
      </p>
      <p>${serviceText(text)}</p>
      ${reason === null ? nothing : html`<p class="muted">“<bdi>${reason}</bdi>”</p>`}
      ${
        raw === undefined && details === undefined
          ? nothing
          : html`<details>
              <summary>${t.asItCame}</summary>
              ${details === undefined ? nothing : html`<pre tabindex="0">${JSON.stringify(details, null, 2)}</pre>`}
              ${raw === undefined ? nothing : html`<pre tabindex="0">${raw}</pre>`}
            </details>`
      }
    </li>`;
  }
}

customElements.define("booking-page", BookingPage);
