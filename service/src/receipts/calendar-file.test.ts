import { describe, expect, it } from "vitest";
import { toBookingView } from "../bookings/booking-view.ts";
import { newAttempt, newBooking, START_MS } from "../payments/testing.ts";
import { calendarFile } from "./calendar-file.ts";

const fileOf = (facts: Parameters<typeof newBooking>[0] = {}, merchant = "Amani Tutors") => {
  const booking = newBooking({ status: "booked", reference: "AMANI-1042", ...facts });
  const attempt = newAttempt(booking, { status: "paid", receipt: "UKN7QX41B2", paidAtMs: START_MS });
  const view = toBookingView({ booking, attempts: [attempt] }, { nowMs: START_MS });
  return { booking, text: calendarFile({ view, merchant, durationMinutes: 90, nowMs: START_MS }) };
};
const unfolded = (text: string) => text.replaceAll("\r\n ", "").split("\r\n");

describe("the calendar file", () => {
  it("has the session's time in Nairobi and its duration", () => {
    const { text } = fileOf();
    expect(unfolded(text)).toEqual(
      expect.arrayContaining([
        "DTSTAMP:20261123T070000Z",
        "DTSTART:20261208T070000Z",
        "DURATION:PT90M",
        "SUMMARY:Maths\\, one hour · Amani Tutors",
        "DESCRIPTION:AMANI-1042 · UKN7QX41B2",
      ]),
    );
    expect(text.endsWith("END:VCALENDAR\r\n")).toBe(true);
  });

  it("reminds an hour before", () => {
    const lines = unfolded(fileOf().text);
    const alarm = lines.slice(lines.indexOf("BEGIN:VALARM"), lines.indexOf("END:VALARM"));
    expect(alarm).toEqual(["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Maths\\, one hour · Amani Tutors", "TRIGGER:-PT1H"]);
  });

  it("does not reveal the booking id", () => {
    const { booking, text } = fileOf();
    expect(text).not.toContain(booking.id);
  });

  it("escapes the lesson's name", () => {
    const { text } = fileOf({ sessionName: "Maths;\r\nATTACH:https://example.com, \\one\u2028END:VEVENT" });
    expect(unfolded(text)).toContain("SUMMARY:Maths\\; ATTACH:https://example.com\\, \\\\one END:VEVENT · Amani Tutors");
    expect(unfolded(text).filter((line) => /^(ATTACH|END:VEVENT)/.test(line))).toEqual(["END:VEVENT"]);
  });

  it("has no line above 75 octets, and breaks none inside a character", () => {
    const sessionName = "Hesabu na Kiswahili 📚 ".repeat(12).trim();
    const { text } = fileOf({ sessionName });
    for (const line of text.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(unfolded(text)).toContain(`SUMMARY:${sessionName} · Amani Tutors`);
  });
});
