import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { BookingLine } from "../api/types.ts";
import { addDays } from "../format.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { icon } from "../views/icons.ts";
import { stateOf } from "../views/lines.ts";

/** The lessons of one day on paper: who comes, when, for what, and whether it is paid. */
class DaySheetPage extends Page {
  static override readonly properties: PropertyDeclarations = { ...Page.properties, date: { attribute: false } };
  declare date: string;
  readonly #lines = new Loading(this, () =>
    this.app.client.api<{ data: readonly BookingLine[] }>(
      "GET",
      `/calendar?from=${encodeURIComponent(this.date)}&to=${encodeURIComponent(this.date)}`,
    ),
  );

  protected override render(): TemplateResult {
    const { t, format, site } = this.app;
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(this.date);
    return html`<div class="heading no-print">
        <a class="framed" href=${href(`/day/${isDay ? addDays(this.date, -1) : ""}`)} aria-label=${t.earlier}>${icon("back")}</a>
        <button class="framed" @click=${() => window.print()}>${t.print}</button>
        <a class="framed" href=${href(`/day/${isDay ? addDays(this.date, 1) : ""}`)} aria-label=${t.later}>${icon("forward")}</a>
      </div>
      <h1 tabindex="-1">${isDay ? format.longDay(this.date) : t.daySheet}</h1>
      <p class="muted">${site?.name ?? ""}</p>
      ${this.shown(this.#lines, ({ data }) => this.#table(data.filter(({ booking_status: status }) => status !== "cancelled")))}`;
  }

  #table(lines: readonly BookingLine[]): TemplateResult {
    const { t, format } = this.app;
    if (lines.length === 0) return html`<p class="empty">${t.noLessonsDay}</p>`;
    return html`<div class="wide-table">
      <table>
        <thead>
          <tr>
            <th>${t.time}</th>
            <th>${t.child}</th>
            <th>${t.parent}</th>
            <th>${t.lesson}</th>
            <th class="number">${t.paid}</th>
            <th>${t.state}</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map(
            (line) =>
              html`<tr>
                <td>${line.time}</td>
                <td><bdi>${line.childName}</bdi></td>
                <td><bdi>${line.parentName}</bdi></td>
                <td>
                  <bdi>${line.sessionType?.name ?? line.reference}</bdi
                  >${line.durationMinutes === null ? nothing : html` <span class="muted">${t.minutes(line.durationMinutes)}</span>`}
                </td>
                <td class="number">${format.money(line.amountPaid)}</td>
                <td>${stateOf(this.app, line)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

customElements.define("day-sheet-page", DaySheetPage);
