import type { Language } from "../language.ts";
import { fill, type Words } from "../words/words.ts";

/** Addresses, as browsers reach them. */
export type Addresses = {
  /** The payment service's origin. */
  serviceUrl: string;
  /** The simulated phones; null if this site shows none. */
  phoneUrl: string | null;
};

/** What every page needs to render. */
export type PageContext = {
  language: Language;
  words: Words;
  /** This page's path, for the language switch. */
  path: string;
  addresses: Addresses;
};

export function shillings(amountKes: number): string {
  return `KES ${amountKes.toLocaleString("en-KE")}`;
}

/** `Tuesday 8 December`, or `Tue 8 Dec`. */
export function dateText(date: string, { words }: Pick<PageContext, "words">, style: "long" | "short" = "long"): string {
  const format = new Intl.DateTimeFormat(words.locale, { weekday: style, day: "numeric", month: style, timeZone: "UTC" });
  const parts = new Map(format.formatToParts(new Date(Date.parse(date))).map(({ type, value }) => [type, value]));
  return `${parts.get("weekday")} ${parts.get("day")} ${parts.get("month")}`;
}

/** `60 minutes`. */
export function minutesText(minutes: number, { words }: Pick<PageContext, "words">): string {
  return fill(words.home.minutes, { n: String(minutes) });
}

/** `254708374149` as people write it: `0708 374 149`. */
export function localPhone(msisdn: string): string {
  return `0${msisdn.slice(3, 6)} ${msisdn.slice(6, 9)} ${msisdn.slice(9)}`;
}
