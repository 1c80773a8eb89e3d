/** Which language the dashboard speaks. A file a language: `en.ts`, `sw.ts`. */
import { en } from "./en.ts";
import type { Labels } from "./en.ts";
import { sw } from "./sw.ts";

export type { Labels };

export const languages = ["en", "sw"] as const;
export type Language = (typeof languages)[number];

const KEY = "somopay-dashboard-language";
const all: Readonly<Record<Language, Labels>> = { en, sw };

export function labelsIn(language: Language): Labels {
  return all[language];
}

/** As chosen before on this device, else the browser's first that is spoken here. */
export function rememberedLanguage(): Language {
  const tags = [localStorage.getItem(KEY) ?? "", ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return languages.find((language) => language === tags.find((tag) => languages.some((spoken) => spoken === tag))) ?? "en";
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
}
