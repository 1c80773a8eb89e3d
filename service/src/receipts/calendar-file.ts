import { createHash } from "node:crypto";
import type { BookingView } from "../contract.ts";

export type CalendarSession = { view: BookingView; merchant: string; durationMinutes: number; nowMs: number };

/** RFC 5545 limits lines to 75 octets; a longer one continues on the next line, after a space. */
const MAX_LINE_OCTETS = 75;

/** The booked session as an iCalendar file (RFC 5545). Times are in UTC, which every calendar reads; Kenya is UTC+3 all year. */
export function calendarFile({ view, merchant, durationMinutes, nowMs }: CalendarSession): string {
  const { session, bookingId, reference, payment } = view;
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//SomoPay//SomoPay//EN",
    "BEGIN:VEVENT",
    `UID:${nameOf(bookingId)}@somopay`,
    `DTSTAMP:${utcStamp(nowMs)}`,
    `DTSTART:${utcStamp(Date.parse(`${session.date}T${session.time}:00+03:00`))}`,
    `DURATION:PT${durationMinutes}M`,
    `SUMMARY:${asText([session.name, merchant])}`,
    `DESCRIPTION:${asText([reference, payment?.receipt ?? ""])}`,
    // A lesson is easily forgotten.
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${asText([session.name, merchant])}`,
    "TRIGGER:-PT1H",
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ]
    .map(folded)
    .join("\r\n");
}

/** Stable for a booking, so that a calendar recognises it. Not the booking id: whoever has that can use the booking, and calendars are shared. */
const nameOf = (bookingId: string) => createHash("sha256").update(bookingId).digest("hex").slice(0, 32);

const utcStamp = (atMs: number) => new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");

/** Escapes the characters with a meaning in text values and removes line breaks, so that a name cannot add a property. */
function asText(words: readonly string[]): string {
  return words
    .filter(Boolean)
    .join(" · ")
    .replaceAll(/[\\;,]/g, "\\$&")
    .replaceAll(/\s*[\r\n\u0085\u2028\u2029]+\s*/g, " ");
}

function folded(line: string): string {
  const lines = [""];
  for (const character of line) {
    const last = lines.at(-1) ?? "";
    if (Buffer.byteLength(last + character) <= MAX_LINE_OCTETS) lines[lines.length - 1] = last + character;
    else lines.push(` ${character}`);
  }
  return lines.join("\r\n");
}
