import { createHash } from "node:crypto";
import { addDays, nairobiDate, toUtcMs, weekdayOf } from "./nairobi-time.ts";

/** The start of a lesson, in Nairobi time. */
export type Slot = { date: string; time: string };
export type Day = { date: string; isClosed: boolean; times: string[] };

export const DAYS_SHOWN = 14;
/** A teacher needs this much notice. */
const LEAD_MS = 45 * 60_000;
/** The percentage of times that belong to the school's regular pupils. */
const REGULARS_PERCENT = 30;

const SUNDAY = 0;
const SATURDAY = 6;
const AFTER_SCHOOL = ["15:00", "16:00", "17:00", "18:00"];
const SATURDAYS = ["09:00", "10:00", "11:00", "14:00"];
const HALF_HOURS = ["15:00", "15:30", "16:00", "16:30"];
const SATURDAY_HALF_HOURS = ["09:00", "09:30", "10:00", "10:30"];
const HALF_HOUR_MINUTES = 30;

/**
 * The days from today on, each with its free times for a lesson. The same for everybody at the same moment.
 * @param isTaken whether another family has this time
 */
export function freeDays(lesson: { code: string; durationMinutes: number }, nowMs: number, isTaken: (slot: Slot) => boolean): Day[] {
  const today = nairobiDate(nowMs);
  return Array.from({ length: DAYS_SHOWN }, (_, days) => {
    const date = addDays(today, days);
    const isFree = (time: string): boolean =>
      toUtcMs(date, time) >= nowMs + LEAD_MS && !isRegulars(lesson.code, { date, time }) && !isTaken({ date, time });
    return { date, isClosed: weekdayOf(date) === SUNDAY, times: openingTimes(date, lesson.durationMinutes).filter(isFree) };
  });
}

export function isOffered(days: readonly Day[], slot: Slot): boolean {
  return days.some(({ date, times }) => date === slot.date && times.includes(slot.time));
}

/** The first free times, soonest first. */
export function nextFree(days: readonly Day[], count: number): Slot[] {
  return days.flatMap(({ date, times }) => times.map((time) => ({ date, time }))).slice(0, count);
}

/** `2026-12-08T15:00`, as in the form. */
export function slotText({ date, time }: Slot): string {
  return `${date}T${time}`;
}

export function parseSlot(text: string): Slot | null {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})$/.exec(text) ?? [];
  return date === undefined || time === undefined || Number.isNaN(toUtcMs(date, time)) ? null : { date, time };
}

function openingTimes(date: string, durationMinutes: number): readonly string[] {
  const day = weekdayOf(date);
  if (day === SUNDAY) return [];
  if (durationMinutes <= HALF_HOUR_MINUTES) return day === SATURDAY ? SATURDAY_HALF_HOURS : HALF_HOURS;
  return day === SATURDAY ? SATURDAYS : AFTER_SCHOOL;
}

/** Fictional but constant, so that the calendar looks realistic and does not change. */
function isRegulars(code: string, slot: Slot): boolean {
  const drawn = createHash("sha256")
    .update(`${code} ${slotText(slot)}`)
    .digest()
    .readUInt32BE(0);
  return drawn % 100 < REGULARS_PERCENT;
}
