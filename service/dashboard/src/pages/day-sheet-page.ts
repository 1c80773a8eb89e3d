import { html, type PropertyDeclarations, type TemplateResult } from "lit";
import type { BookingLine } from "../api/types.ts";
import { addDays } from "../format.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { icon } from "../views/icons.ts";
import { bookingLines, stateOf } from "../views/lines.ts";

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
    return html`<div class="on-phone">${bookingLines(this.app, lines, t.noLessonsDay, { hasDay: false })}</div>
      <table class="on-paper">
        <thead>
          <tr>
            <th scope="col">${t.time}</th>
            <th scope="col">${t.child}</th>
            <th scope="col">${t.parent}</th>
            <th scope="col">${t.lesson}</th>
            <th scope="col" class="number">${t.paid}</th>
            <th scope="col">${t.state}</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map(
            (line) =>
              html`<tr>
                <td class="number">${timesOf(line)}</td>
                <td><bdi>${line.childName}</bdi></td>
                <td><bdi>${line.parentName}</bdi></td>
                <td><bdi>${line.sessionType?.name ?? line.reference}</bdi></td>
                <td class="number">${format.money(line.amountPaid)}</td>
                <td>${stateOf(this.app, line)}</td>
              </tr>`,
          )}
        </tbody>
      </table>`;
  }
}

customElements.define("day-sheet-page", DaySheetPage);

/** `09:00–10:30`; when it ends is known if it is on the price list. */
function timesOf({ time, durationMinutes }: BookingLine): string {
  if (durationMinutes === null) return time;
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const end = new Date(Date.UTC(2000, 0, 1, hours, minutes + durationMinutes));
  return `${time}–${end.toISOString().slice(11, 16)}`;
}
