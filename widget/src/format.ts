/** Money, dates and durations as people in Kenya read them. */
import type { BookingView } from "./contract.ts";
import { fill } from "./labels/labels.ts";
import type { Labels } from "./labels/labels.ts";

const TIME_ZONE = "Africa/Nairobi";

/** `KES 1,500`, with a space that does not break. */
export function money(amountKes: number): string {
  return `KES\u00a0${amountKes.toLocaleString("en-KE")}`;
}

function day(at: Date, locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: TIME_ZONE, weekday: "short", day: "numeric", month: "short" }).formatToParts(
    at,
  );
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")} ${part("month")}`;
}

/** When the session is: `Tue 8 Dec, 10:00`. */
export function sessionTime({ session }: BookingView, { locale }: Labels): string {
  const noon = new Date(`${session.date}T12:00:00+03:00`);
  return `${Number.isNaN(noon.getTime()) ? session.date : day(noon, locale)}, ${session.time}`;
}

/** A moment: `Tue 8 Dec, 10:00`. */
export function moment(atMs: number, { locale }: Labels): string {
  const at = new Date(atMs);
  return `${day(at, locale)}, ${at.toLocaleTimeString("en-GB", { timeZone: TIME_ZONE, timeStyle: "short" })}`;
}

/** `42 seconds`; from two minutes on in whole minutes, rounded up. */
export function duration(seconds: number, labels: Labels): string {
  if (seconds >= 120) return fill(labels.minutes, { n: String(Math.ceil(seconds / 60)) });
  return fill(seconds === 1 ? labels.second : labels.seconds, { n: String(seconds) });
}

/** Whole seconds until then, never below 0. */
export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}
