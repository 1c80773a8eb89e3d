import type { Request } from "express";

export const languages = ["en", "sw"] as const;
export type Language = (typeof languages)[number];

const COOKIE = "lang";
const A_YEAR_MS = 365 * 86_400_000;

export function isLanguage(text: unknown): text is Language {
  return languages.some((language) => language === text);
}

/** The visitor's choice on this site, else the browser's language, else English. */
export function languageOf(request: Request): Language {
  const chosen = new RegExp(`(?:^|;\\s*)${COOKIE}=(\\w+)`).exec(request.get("Cookie") ?? "")?.[1];
  if (isLanguage(chosen)) return chosen;
  const asked = request.acceptsLanguages(...languages);
  return isLanguage(asked) ? asked : "en";
}

export const languageCookie = { name: COOKIE, options: { httpOnly: true, sameSite: "lax", maxAge: A_YEAR_MS } } as const;
