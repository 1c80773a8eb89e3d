/** The last 30 days: numbers first, then a chart, then the table behind it. */
import { html, nothing, type TemplateResult } from "lit";
import type { Overview } from "../api/types.ts";
import type { App } from "../app.ts";
import type { DaySeries } from "./day-chart.ts";
import "./day-chart.ts";

type Days = Overview["days"];

export function monthView(app: App, { days, reasons }: Overview): TemplateResult {
  const { t } = app;
  return html`<section>
    <h2>${t.month}</h2>
    <div class="charts">${moneyChart(app, days)} ${successChart(app, days)}</div>
    ${reasons.length === 0 ? nothing : whyFailed(app, reasons)}
  </section>`;
}

function moneyChart({ t, format }: App, days: Days): TemplateResult {
  const series: DaySeries = {
    kind: "bars",
    dates: days.map(({ date }) => date),
    values: days.map(({ received }) => received),
    say: format.number,
  };
  const rows = days.map((day) => [format.money(day.received), format.number(day.payments)]);
  return html`<div class="card chart">
    <div>
      <h3>${t.moneyADay}</h3>
      <p class="sum-of">${format.money(sumOf(days, "received"))}</p>
    </div>
    <day-chart .format=${format} .series=${series}></day-chart>
    ${table({ t, format }, days, [t.received, t.payments], rows)}
  </div>`;
}

function successChart({ t, format }: App, days: Days): TemplateResult {
  const shareOf = ({ started, paid }: Days[number]): number | null => (started === 0 ? null : paid / started);
  const say = (share: number | null): string => (share === null ? "–" : format.percent(share));
  const series: DaySeries = {
    kind: "line",
    dates: days.map(({ date }) => date),
    values: days.map(shareOf),
    say: format.percent,
    highest: 1,
  };
  const rows = days.map((day) => [format.number(day.started), format.number(day.paid), format.number(day.failed), say(shareOf(day))]);
  const begun = sumOf(days, "started");
  return html`<div class="card chart">
    <div>
      <h3>${t.successADay}</h3>
      <p class="sum-of">${say(begun === 0 ? null : sumOf(days, "paid") / begun)}</p>
    </div>
    <day-chart .format=${format} .series=${series}></day-chart>
    ${table({ t, format }, days, [t.started, t.paid, t.failed, t.paidShare], rows)}
  </div>`;
}

/** The newest day on top. */
function table(
  { t, format }: Pick<App, "t" | "format">,
  days: Days,
  names: readonly string[],
  rows: readonly (readonly string[])[],
): TemplateResult {
  return html`<details>
    <summary>${t.asTable}</summary>
    <div class="wide-table" tabindex="0" role="group" aria-label=${t.asTable}>
      <table>
        <thead>
          <tr>
            <th scope="col">${t.day}</th>
            ${names.map((name) => html`<th scope="col" class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${days
            .map(
              ({ date }, index) =>
                html`<tr>
                  <td>${format.day(date)}</td>
                  ${rows[index]?.map((cell) => html`<td class="number">${cell}</td>`)}
                </tr>`,
            )
            .toReversed()}
        </tbody>
      </table>
    </div>
  </details>`;
}

function whyFailed({ t, format }: App, reasons: Overview["reasons"]): TemplateResult {
  return html`<div class="card why">
    <h3>${t.whyFailed}</h3>
    <ul class="facts">
      ${reasons.map(({ reason, count }) => html`<li><span>${t.reasons[reason]}</span><span class="number">${format.number(count)}</span></li>`)}
    </ul>
  </div>`;
}

function sumOf(days: Days, key: "received" | "started" | "paid"): number {
  return days.reduce((sum, day) => sum + day[key], 0);
}
