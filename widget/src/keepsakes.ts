/** What a parent takes away from a payment: a receipt as text, the session for a calendar. */
import type { BookingView } from "./contract.ts";
import { moment, money, sessionTime } from "./format.ts";
import type { Labels } from "./labels/labels.ts";

/** Bookings do not say how long a session is; an hour shows where it stands in the day. */
const SESSION_LENGTH = "PT1H";

export function receiptText(booking: BookingView, merchant: string, labels: Labels): string {
  const { payment, session, reference, amount } = booking;
  const rows = [
    [labels.receipt, payment?.receipt],
    [labels.amount, money(amount).replace("\u00a0", " ")],
    [labels.session, session.name],
    [labels.when, sessionTime(booking, labels)],
    [labels.account, reference],
    [labels.paidAt, payment?.paidAt === undefined ? undefined : moment(payment.paidAt, labels)],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  return [merchant || labels.paid, "", ...lines, ""].join("\r\n");
}

/** RFC 5545 gives these characters a meaning in text. */
const icsText = (text: string) => text.replace(/[\\;,]/g, "\\$&").replace(/\s*\n\s*/g, " ");

export function calendarFile(booking: BookingView, merchant: string, nowMs: number): string {
  const { session, bookingId, reference, payment } = booking;
  const start = `${session.date}T${session.time}00`.replace(/[-:]/g, "");
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//SomoPay//somo-pay//EN",
    "BEGIN:VTIMEZONE",
    "TZID:Africa/Nairobi",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0300",
    "TZOFFSETTO:+0300",
    "TZNAME:EAT",
    "END:STANDARD",
    "END:VTIMEZONE",
    "BEGIN:VEVENT",
    `UID:${icsText(bookingId)}@somopay`,
    `DTSTAMP:${stamp}`,
    `DTSTART;TZID=Africa/Nairobi:${start}`,
    `DURATION:${SESSION_LENGTH}`,
    `SUMMARY:${icsText([session.name, merchant].filter(Boolean).join(" · "))}`,
    `DESCRIPTION:${icsText([reference, payment?.receipt].filter(Boolean).join(" · "))}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}
