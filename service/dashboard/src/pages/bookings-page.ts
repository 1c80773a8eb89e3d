import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { BookingLine, OwnerBooking, Page as PageOf } from "../api/types.ts";
import { addDays, todayInKenya } from "../format.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { icon } from "../views/icons.ts";
import { bookingLines } from "../views/lines.ts";

const DAYS_OF_A_WEEK = 7;

/** Lessons by day, a month at a time; or the newest bookings as a list. */
class BookingsPage extends Page {
  static override readonly properties: PropertyDeclarations = { ...Page.properties, query: { attribute: false } };
  /** What stands after the `?`: `view=list`, or the calendar's `month=2026-12`, and a `day` of it. */
  declare query: string;
  #shown: string | null = null;
  readonly #calendar = new Loading(this, () => this.#readMonth(), { beginsItself: false });
  readonly #list = new Loading(this, () => this.#readList(), { beginsItself: false });

  protected override willUpdate(): void {
    if (this.#shown === this.query) return;
    this.#shown = this.query;
    void (this.#isList ? this.#list : this.#calendar).reload();
  }

  protected override render(): TemplateResult {
    const { t } = this.app;
    const tab = (path: string, words: string, isHere: boolean): TemplateResult =>
      html`<a href=${href(path)} aria-current=${isHere ? "page" : nothing}>${words}</a>`;
    return html`<h1 tabindex="-1">${t.bookings}</h1>
      <nav class="tabs" aria-label=${t.views}>
        ${tab("/bookings", t.calendar, !this.#isList)} ${tab("/bookings?view=list", t.newest, this.#isList)}
      </nav>
      ${this.#isList ? this.shown(this.#list, (page) => this.#newest(page)) : this.shown(this.#calendar, (lines) => this.#month(lines))}`;
  }

  get #isList(): boolean {
    return new URLSearchParams(this.query).get("view") === "list";
  }

  /** `YYYY-MM-01` */
  get #firstDay(): string {
    const month = new URLSearchParams(this.query).get("month");
    return month !== null && /^\d{4}-\d{2}$/.test(month) ? `${month}-01` : `${todayInKenya().slice(0, 7)}-01`;
  }

  async #readMonth(): Promise<readonly BookingLine[]> {
    const from = this.#firstDay;
    const to = addDays(monthAfter(from, 1), -1);
    const lines: BookingLine[] = [];
    for (let next: string | null = from; next !== null;) {
      const part: { data: BookingLine[]; next: string | null } = await this.app.client.api("GET", `/calendar?from=${next}&to=${to}`);
      lines.push(...part.data);
      ({ next } = part);
    }
    return lines;
  }

  #readList(): Promise<PageOf<OwnerBooking>> {
    const after = new URLSearchParams(this.query).get("after");
    return this.app.client.api("GET", `/bookings?limit=50${after === null ? "" : `&after=${encodeURIComponent(after)}`}`);
  }

  #month(lines: readonly BookingLine[]): TemplateResult {
    const { t, format } = this.app;
    const first = this.#firstDay;
    const byDay = Map.groupBy(lines, ({ date }) => date);
    const chosen = this.#chosenDay(lines);
    const month = (by: number): string => href(`/bookings?month=${monthAfter(first, by).slice(0, 7)}`);
    return html`<div class="heading">
        <a class="framed" href=${month(-1)} aria-label=${t.earlier}>${icon("back")}</a>
        <h2>${format.month(first)}</h2>
        <a class="framed" href=${month(1)} aria-label=${t.later}>${icon("forward")}</a>
      </div>
      <div class="columns">
        <div class="calendar">
          ${weekOf(first).map((date) => html`<span class="muted" aria-hidden="true">${format.weekday(date)}</span>`)}
          ${daysShown(first).map((date) => (date.startsWith(first.slice(0, 7)) ? this.#day(date, byDay.get(date)?.length ?? 0, chosen) : html`<span></span>`))}
        </div>
        <section>
          <div class="heading">
            <h2>${format.day(chosen)}</h2>
            <a href=${href(`/day/${chosen}`)}>${t.daySheet}</a>
          </div>
          ${bookingLines(this.app, byDay.get(chosen) ?? [], t.noLessonsDay, { hasDay: false })}
        </section>
      </div>`;
  }

  /** Today, if nobody chose; in another month its first day with lessons. */
  #chosenDay(lines: readonly BookingLine[]): string {
    const chosen = new URLSearchParams(this.query).get("day");
    const first = this.#firstDay;
    const today = todayInKenya();
    const isOfMonth = (date: string): boolean => date.slice(0, 7) === first.slice(0, 7);
    if (chosen !== null && /^\d{4}-\d{2}-\d{2}$/.test(chosen) && isOfMonth(chosen)) return chosen;
    return isOfMonth(today) ? today : (lines[0]?.date ?? first);
  }

  #day(date: string, count: number, chosen: string): TemplateResult {
    const { t, format } = this.app;
    return html`<a
      href=${href(`/bookings?month=${date.slice(0, 7)}&day=${date}`)}
      aria-current=${date === chosen ? "date" : nothing}
      class=${`${date === todayInKenya() ? "today" : ""} ${count > 0 ? "busy" : ""}`}
      ><span class="unseen">${format.longDay(date)}: ${t.lessonCount(count)}</span
      ><span aria-hidden="true">${Number(date.slice(8))}</span
      >${count === 0 ? nothing : html`<span class="count" aria-hidden="true">${count}</span>`}</a
    >`;
  }

  #newest({ data, next }: PageOf<OwnerBooking>): TemplateResult {
    const { t } = this.app;
    const lines = data.map((booking) => {
      const { sessionType: code, name, date, time } = booking.session;
      return { ...booking, sessionType: { code, name }, date, time };
    });
    return html`${bookingLines(this.app, lines, t.noBookings)}
    ${next === null ? nothing : html`<a class="framed" href=${href(`/bookings?view=list&after=${encodeURIComponent(next)}`)}>${t.older}</a>`}`;
  }
}

customElements.define("bookings-page", BookingsPage);

/** The first day of another month. */
function monthAfter(first: string, months: number): string {
  const [year = 0, month = 1] = first.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

/** Monday to Sunday. */
function weekOf(date: string): string[] {
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % DAYS_OF_A_WEEK;
  return Array.from({ length: DAYS_OF_A_WEEK }, (_, index) => addDays(date, index - weekday));
}

/** Whole weeks that hold the month. */
function daysShown(first: string): string[] {
  const [start = first] = weekOf(first);
  const end = monthAfter(first, 1);
  const days: string[] = [];
  for (let date = start; date < end || days.length % DAYS_OF_A_WEEK !== 0; date = addDays(date, 1)) days.push(date);
  return days;
}
