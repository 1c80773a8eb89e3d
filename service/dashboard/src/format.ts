import type { Language } from "./labels/labels.ts";

const ZONE = "Africa/Nairobi";
const locales = { en: "en-KE", sw: "sw-KE" } as const;
/** From Sunday. Browsers know no short ones in Kiswahili. */
const weekdays = {
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
  sw: ["Jpl", "Jtt", "Jnn", "Jtn", "Alh", "Iju", "Jmo"],
} as const;
const DAY_MS = 24 * 60 * 60_000;

/** Numbers, days and times as people here write them. */
export type Format = {
  money(kes: number): string;
  number(value: number): string;
  percent(share: number): string;
  /** `Tue 8 Dec` from `2026-12-08`. */
  day(date: string): string;
  /** `8 Dec` */
  shortDay(date: string): string;
  /** `Tuesday 8 December 2026` */
  longDay(date: string): string;
  /** `8 Dec, 10:02` from UTC milliseconds. */
  moment(atMs: number): string;
  month(date: string): string;
  weekday(date: string): string;
};

export function createFormat(language: Language): Format {
  const locale = locales[language];
  const numbers = new Intl.NumberFormat("en-KE");
  const shares = new Intl.NumberFormat("en-KE", { style: "percent", maximumFractionDigits: 0 });
  const of = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options });
  const shortDay = of({ day: "numeric", month: "short" });
  const longDay = of({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const moment = of({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const month = of({ month: "long", year: "numeric" });
  const weekday = (date: string): string => weekdays[language][noon(date).getUTCDay()] ?? "";
  return {
    money: (kes) => `KES\u00a0${numbers.format(kes)}`,
    number: (value) => numbers.format(value),
    percent: (share) => shares.format(share),
    day: (date) => `${weekday(date)} ${shortDay.format(noon(date))}`,
    shortDay: (date) => shortDay.format(noon(date)),
    // Without the comma between weekday and day, which some browsers write.
    longDay: (date) => longDay.format(noon(date)).replace(",", ""),
    moment: (atMs) => moment.format(atMs),
    month: (date) => month.format(noon(date)),
    weekday,
  };
}

/** A moment of that day wherever the reader is. */
function noon(date: string): Date {
  return new Date(`${date}T12:00:00+03:00`);
}

/** `YYYY-MM-DD` in Kenya. */
export function todayInKenya(nowMs = Date.now()): string {
  return new Date(nowMs + 3 * 60 * 60_000).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
