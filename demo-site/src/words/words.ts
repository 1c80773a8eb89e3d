import type { Language } from "../language.ts";
import { en } from "./en.ts";
import { sw } from "./sw.ts";
import type { Words } from "./words-type.ts";

export type { Words };

export const wordsIn: Record<Language, Words> = { en, sw };

/** `fill("{n} minutes", { n: "60" })`. */
export function fill(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
