/** Bookings and their states as lines of a list. */
import { html, nothing, type TemplateResult } from "lit";
import type { BookingLine } from "../api/types.ts";
import type { App } from "../app.ts";
import { href } from "../router.ts";

type Line = Pick<
  BookingLine,
  | "bookingId"
  | "reference"
  | "parentName"
  | "childName"
  | "sessionType"
  | "date"
  | "time"
  | "amount"
  | "amountPaid"
  | "booking_status"
  | "payment_status"
>;

/** What is booked and what was paid are two facts: one word says the one that matters more. */
export function stateOf({ t }: App, { booking_status, payment_status }: Pick<Line, "booking_status" | "payment_status">): TemplateResult {
  const isGood = booking_status === "booked";
  const isBad = payment_status === "failed" || (payment_status === "paid" && !isGood) || payment_status === "partial";
  const words = isGood
    ? t.bookingStates.booked
    : payment_status === "unpaid"
      ? t.bookingStates[booking_status]
      : t.paymentStates[payment_status];
  return html`<span class=${isGood ? "state good" : isBad ? "state warm" : "state"}>${words}</span>`;
}

/** @param hasDay whether the list is not of one day only; `more`: what stands behind the lesson */
export function bookingLine(app: App, line: Line, { hasDay = true, more = "" } = {}): TemplateResult {
  const { format, t } = app;
  const isPart = line.amountPaid > 0 && line.amountPaid < line.amount;
  const when = hasDay ? `${format.day(line.date)}, ${line.time}` : line.time;
  return html`<li>
    <a class=${hasDay ? "line" : "line one-day"} href=${href(`/bookings/${encodeURIComponent(line.bookingId)}`)}>
      <span class="when">${when}</span>
      <span class="who"
        ><bdi>${line.childName}</bdi> <span class="muted"><bdi>${line.parentName}</bdi></span></span
      >
      <span class="what"
        ><span class="what-when">${when}</span>
        <bdi>${line.sessionType?.name ?? line.reference}</bdi>${more === "" ? nothing : ` · ${more}`}</span
      >
      <span class="sum"
        >${isPart ? [html`<span class="small">${format.number(line.amountPaid)} ${t.of}</span>`, " "] : nothing}${format.money(line.amount)}</span
      >
      ${stateOf(app, line)}
    </a>
  </li>`;
}

export function bookingLines(app: App, lines: readonly Line[], empty: string, options?: { hasDay?: boolean }): TemplateResult {
  if (lines.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<ul class="lines">
    ${lines.map((line) => bookingLine(app, line, options))}
  </ul>`;
}
