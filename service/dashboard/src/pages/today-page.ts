import { html, nothing, type TemplateResult } from "lit";
import type { LiveEvent, Overview } from "../api/types.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { icon } from "../views/icons.ts";
import { bookingLines, stateOf } from "../views/lines.ts";
import { monthView } from "../views/month.ts";

const LIVE_MAX = 5;
/** Events of one moment lead to one reading. */
const REREAD_AFTER_MS = 1_500;

/** The day at a glance: what waits for a person, money, lessons; then the month. */
class TodayPage extends Page {
  readonly #overview = new Loading(this, () => this.#readOverview());
  #events: EventSource | null = null;
  #live: readonly LiveEvent[] = [];
  #timer: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#events = new EventSource(this.app.client.address("/live"));
    this.#events.addEventListener("message", (event: MessageEvent<string>) => this.#take(event.data));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#events?.close();
    clearTimeout(this.#timer);
  }

  protected override render(): TemplateResult {
    const { t, format } = this.app;
    return html`<h1 tabindex="-1">${t.today}</h1>
      ${this.shown(
        this.#overview,
        (overview) => html`
          <p class="muted">${format.longDay(overview.today.date)}</p>
          ${this.#attention(overview.attention)} ${this.#numbers(overview)}
          ${hasBegun(overview) ? monthView(this.app, overview) : this.#firstSteps()} ${this.#liveList()}
          <section>
            <div class="heading">
              <h2>${t.lessonsToday}</h2>
              <a href=${href(`/day/${overview.today.date}`)}>${t.daySheet}</a>
            </div>
            ${bookingLines(this.app, overview.today.lessons, t.noLessonsToday, { hasDay: false })}
          </section>
          <section>
            <div class="heading">
              <h2>${t.lessonsNext}</h2>
              <a href=${href("/bookings")}>${t.calendar}</a>
            </div>
            ${bookingLines(this.app, overview.today.next, t.noLessonsNext)}
          </section>
        `,
      )}`;
  }

  #attention(count: number): TemplateResult | typeof nothing {
    const { t } = this.app;
    if (count === 0) return nothing;
    return html`<a class="notice warm" href=${href("/attention")}><strong>${t.waitForYou(count)}</strong><span>${t.look}</span></a>`;
  }

  #numbers({ today, days }: Overview): TemplateResult {
    const { t, format } = this.app;
    const begun = days.reduce((sum, { started }) => sum + started, 0);
    const paid = days.reduce((sum, day) => sum + day.paid, 0);
    return html`<dl class="numbers">
      <div>
        <dt>${t.receivedToday}</dt>
        <dd>${format.money(today.received)}</dd>
      </div>
      <div>
        <dt>${t.paymentsToday}</dt>
        <dd>${format.number(today.payments)}</dd>
      </div>
      <div>
        <dt>${t.lessonsToday}</dt>
        <dd>${format.number(today.lessons.length)}</dd>
      </div>
      <div>
        <dt>${t.successRate}</dt>
        <dd>${begun === 0 ? "–" : format.percent(paid / begun)}</dd>
      </div>
    </dl>`;
  }

  #liveList(): TemplateResult | typeof nothing {
    const { t, format } = this.app;
    if (this.#live.length === 0) return nothing;
    return html`<section>
      <h2>${t.latest}</h2>
      <ul class="lines" aria-live="polite">
        ${this.#live.map(
          (event) =>
            html`<li>
              <a class="line" href=${href(`/bookings/${encodeURIComponent(event.bookingId)}`)}>
                <span class="when">${format.moment(event.at)}</span>
                <span class="who"><bdi>${event.parentName}</bdi></span>
                <span class="what"><span class="what-when">${format.moment(event.at)}</span> ${event.reference}</span>
                <span class="sum">${format.money(event.amount)}</span>
                ${stateOf(this.app, event)}
              </a>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  /** A new owner sees the way to the first payment in place of charts of nothing. */
  #firstSteps(): TemplateResult {
    const { t } = this.app;
    return html`<section>
      <p>${t.nothingYet}</p>
      <ol class="lines steps">
        ${(["prices", "mpesa", "website"] as const).map(
          (step, index) =>
            html`<li>
              <a class="line setting" href=${href(`/settings/${step}`)}
                ><strong>${index + 1}. ${t.firstSteps[step]}</strong>${icon("forward")}</a
              >
            </li>`,
        )}
      </ol>
    </section>`;
  }

  async #readOverview(): Promise<Overview> {
    const overview = await this.app.client.api<Overview>("GET", "/overview");
    this.app.noteAttention(overview.attention);
    // What is likely to be looked at next.
    void import("./more-pages.ts").catch(() => undefined);
    return overview;
  }

  #take(text: string): void {
    // The service's own stream.
    const event = JSON.parse(text) as LiveEvent;
    this.#live = [event, ...this.#live.filter(({ bookingId }) => bookingId !== event.bookingId)].slice(0, LIVE_MAX);
    this.requestUpdate();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#overview.reload(), REREAD_AFTER_MS);
  }
}

customElements.define("today-page", TodayPage);

function hasBegun({ days }: Overview): boolean {
  return days.some(({ started, received }) => started > 0 || received > 0);
}
