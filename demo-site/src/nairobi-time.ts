/** Kenya is UTC+3 all year, so no time zone table is needed. */
const OFFSET = "+03:00";
const OFFSET_MS = 3 * 3_600_000;
const DAY_MS = 86_400_000;

/** The date in Nairobi (`2026-12-08`) at a time in UTC milliseconds. */
export function nairobiDate(atMs: number): string {
  return new Date(atMs + OFFSET_MS).toISOString().slice(0, 10);
}

/** UTC milliseconds of a date and a time (`HH:MM`) in Nairobi. */
export function toUtcMs(date: string, time: string): number {
  return Date.parse(`${date}T${time}:00${OFFSET}`);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(Date.parse(date)).getUTCDay();
}

/** `addMinutes("15:30", 45)` is `"16:15"`. */
export function addMinutes(time: string, minutes: number): string {
  const [hours = 0, past = 0] = time.split(":").map(Number);
  const total = hours * 60 + past + minutes;
  const twoDigits = (value: number): string => String(value).padStart(2, "0");
  return `${twoDigits(Math.floor(total / 60) % 24)}:${twoDigits(total % 60)}`;
}
