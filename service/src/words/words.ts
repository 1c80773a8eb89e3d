/** In which language the service speaks to owners, and the parts of sentences that both languages share. */
import type { Request } from "express";
import { maskPhone } from "../platform/masking.ts";
import { quotable } from "../platform/plain-text.ts";
import { english, type Words } from "./english.ts";
import { swahili } from "./swahili.ts";

/** The words of the language that the request prefers (`Accept-Language`): English, unless it is Kiswahili. */
export function wordsFor(request: Request): Words {
  return request.acceptsLanguages("en", "sw") === "sw" ? swahili : english;
}

/** `KES 1,500` */
export function kes(amountKes: number): string {
  return `KES ${amountKes.toLocaleString("en-KE")}`;
}

/** A phone, masked. Older notices carry none that says anything. */
export function phoneOf(words: Words, phone: string): string {
  return phone === "" ? words.unknownPhone : maskPhone(phone);
}

/** `Tuesday, 8 December 2026, 10:00` */
export function sessionTime({ locale }: Words, { date, time }: { date: string; time: string }): string {
  const day = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" });
  return `${day.format(Date.parse(`${date}T00:00:00Z`)).replace(/^(\w+) /, "$1, ")}, ${time}`;
}

/** `28 November 2026, 14:02`, in Nairobi. */
export function momentOf({ locale }: Words, atMs: number): string {
  const format = { timeZone: "Africa/Nairobi", hour12: false } as const;
  const day = new Intl.DateTimeFormat(locale, { ...format, day: "numeric", month: "long", year: "numeric" });
  const time = new Intl.DateTimeFormat("en-GB", { ...format, hour: "2-digit", minute: "2-digit" });
  return `${day.format(atMs)}, ${time.format(atMs)}`;
}

/** A reason as it was stored: in words of the language if they are known, else as it is. One line. @param note Safaricom's or a stranger's text */
export function storedNote({ stored }: Words, note: string): string {
  return stored.get(note) ?? quotable(note, NOTE_MAX);
}

/** `: it had lapsed`, or nothing. */
export function because(words: Words, note: string | null): string {
  const text = note === null ? "" : storedNote(words, note).replace(/\.$/, "");
  return text === "" ? "" : `: ${text}`;
}

const NOTE_MAX = 300;
