/** Days as people in Kenya count them: UTC+3, without daylight saving time since 1960. */

/** How far Nairobi is ahead of UTC. */
export const NAIROBI_OFFSET_MS = 3 * 60 * 60_000;
export const DAY_MS = 24 * 60 * 60_000;

/** `2026-12-08` for UTC milliseconds. */
export function nairobiDate(atMs: number): string {
  return new Date(atMs + NAIROBI_OFFSET_MS).toISOString().slice(0, 10);
}

/** `10:00` for UTC milliseconds. */
export function nairobiTime(atMs: number): string {
  return new Date(atMs + NAIROBI_OFFSET_MS).toISOString().slice(11, 16);
}

/** When the day `YYYY-MM-DD` begins, in UTC milliseconds. */
export function startOfDayMs(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) - NAIROBI_OFFSET_MS;
}

/** The date this many days later; fewer than none for one before. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days `from` to `to` are, both included. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS + 1;
}
