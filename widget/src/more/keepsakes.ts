/** What a parent takes away from a payment: a receipt as text, the session for a calendar. */
import type { BookingView } from "../contract.ts";
import { moment, money, sessionTime } from "../format.ts";
import type { Labels } from "../labels/labels.ts";
import type { MoreWords } from "./words.ts";

/** Bookings do not say how long a session is; an hour shows where it stands in the day. */
const SESSION_LENGTH = "PT1H";

export function receiptText(booking: BookingView, merchant: string, labels: Labels, words: MoreWords): string {
  const { payment, session, reference, amount } = booking;
  const rows = [
    [labels.receipt, payment?.receipt],
    [words.amount, money(amount).replace("\u00a0", " ")],
    [words.session, session.name],
    [words.when, sessionTime(session, labels)],
    [words.account, reference],
    [words.paidAt, payment?.paidAt === undefined ? undefined : moment(payment.paidAt, labels)],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  return [merchant || labels.paid, "", ...lines, ""].join("\r\n");
}

/** RFC 5545 gives these characters a meaning in text. */
const icsText = (text: string) => text.replace(/[\\;,]/g, "\\$&").replace(/\s*\n\s*/g, " ");

/** The session is given in UTC, which every calendar knows; Kenya is three hours ahead, all year. */
export function calendarFile(booking: BookingView, merchant: string, nowMs: number): string {
  const { session, bookingId, reference, payment } = booking;
  const stamp = (at: Date) => at.toISOString().replace(/[-:]|\.\d+/g, "");
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//SomoPay//somo-pay//EN",
    "BEGIN:VEVENT",
    `UID:${icsText(bookingId)}@somopay`,
    `DTSTAMP:${stamp(new Date(nowMs))}`,
    `DTSTART:${stamp(new Date(`${session.date}T${session.time}+03:00`))}`,
    `DURATION:${SESSION_LENGTH}`,
    `SUMMARY:${icsText([session.name, merchant].filter(Boolean).join(" · "))}`,
    `DESCRIPTION:${icsText([reference, payment?.receipt].filter(Boolean).join(" · "))}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}
