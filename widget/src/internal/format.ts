/** Money, dates and durations as people in Kenya read them. */
import type { BookingView } from "../api/contract.ts";
import type { Labels } from "../labels/en.ts";

const TIME_ZONE = "Africa/Nairobi";

/** `KES 1,500`; by default with a space that does not break. */
export function money(amountKes: number, space = "\u00a0"): string {
  return `KES${space}${amountKes.toLocaleString("en-KE")}`;
}

/** An owner's own language may name its locale in a way that no browser knows, like `fr_FR`: then the browser's own. */
function localeOf({ locale }: Labels): string[] {
  try {
    return Intl.getCanonicalLocales(locale);
  } catch {
    return [];
  }
}

/** A moment: `Tue 8 Dec, 10:00`. */
export function moment(at: Date | number, labels: Labels): string {
  const show = (language: string | string[], how: Intl.DateTimeFormatOptions) =>
    new Date(at).toLocaleString(language, { timeZone: TIME_ZONE, ...how }).replace(",", "");
  return `${show(localeOf(labels), { weekday: "short", day: "numeric", month: "short" })}, ${show("en-GB", { timeStyle: "short" })}`;
}

/** A day, so that nobody has to know in which order a browser writes it: `Tuesday 8 December`. */
export function longDay(date: string, labels: Labels): string {
  const at = new Date(`${date}T12:00+03:00`);
  const how: Intl.DateTimeFormatOptions = { timeZone: TIME_ZONE, weekday: "long", day: "numeric", month: "long" };
  return Number.isNaN(+at) ? "" : at.toLocaleString(localeOf(labels), how).replace(",", "");
}

/** When the session is. */
export function sessionTime({ date, time }: BookingView["session"], labels: Labels): string {
  const at = new Date(`${date}T${time}+03:00`);
  return Number.isNaN(+at) ? `${date}, ${time}` : moment(at, labels);
}

/** `42 seconds`; from two minutes on in whole minutes, rounded up. */
export function duration(seconds: number, labels: Labels): string {
  const minutes = seconds >= 120;
  const how: Intl.NumberFormatOptions = { style: "unit", unit: minutes ? "minute" : "second", unitDisplay: "long" };
  return (minutes ? Math.ceil(seconds / 60) : seconds).toLocaleString(localeOf(labels), how);
}

/** Whole seconds until then, never below 0. */
export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}
