import { describe, expect, it } from "vitest";
import { newAttempt, newBooking } from "../../service/src/payments/testing.ts";
import { toBookingView } from "../../service/src/bookings/booking-view.ts";
import type { HistoryRow } from "../factories/records.ts";
import { auditWebhooks } from "./webhook-audit.ts";

const booking = newBooking();
const attempt = newAttempt(booking);
const row = (from: string | null, to: string): HistoryRow => ({
  payment_id: attempt.id,
  from_status: from,
  to_status: to,
  event: "",
  source: "callback",
  note: null,
  actor: null,
  at: 0,
});
const history = [row(null, "requested"), row("requested", "failed"), row("failed", "paid"), row("paid", "paid")];

function message(type: string, version: number, status: string) {
  const view = toBookingView({ booking: { ...booking, version }, attempts: [] }, { nowMs: 0 });
  const payment = {
    paymentId: attempt.id,
    bookingId: booking.id,
    reference: "R",
    status,
    surplus: 0,
    amount: 1,
    currency: "KES",
    phone: "",
    requestedAt: 0,
  };
  const body = JSON.stringify({ type, timestamp: new Date(0).toISOString(), data: { version, booking: view, payment } });
  return { id: `${type} ${version}`, body };
}
const told = [
  message("payment.failed", 2, "failed"),
  message("payment.paid_late", 3, "paid"),
  message("payment.surplus", 3, "paid"),
  message("booking.booked", 3, "paid"),
];
const written = told.map(({ id }, index) => ({ id, bookingId: booking.id, sequence: index }));
const audit = (came = told, happened = history, sent = written) => auditWebhooks(came, sent, { history: happened, attempts: [attempt] });

describe("the audit of webhooks", () => {
  it("agrees with the history, in order", () => {
    expect(audit()).toEqual([]);
  });

  it.each<[string, string[]]>([
    ["one is missing", audit(told.slice(0, 3))],
    ["the first is missing", audit(told.slice(1))],
    ["two came in the other order", audit([told[1]!, told[0]!, ...told.slice(2)])],
    ["one came that was never written", audit(told, history, written.slice(1))],
    ["the history has a step that was not told", audit(told, [...history, row("paid", "refunded")])],
    ["a step was told that did not happen", audit(told, history.slice(0, 2))],
    ["nothing was written at all", audit([], history, [])],
  ])("finds that %s", (_what, found) => {
    expect(found.length).toBeGreaterThan(0);
  });
});
