/** Which language is spoken, and what is said in it. A file a language: `en.ts`, `sw.ts`. */
import { en } from "./en.ts";
import type { Labels } from "./en.ts";
import { sw } from "./sw.ts";

/** `en`, `sw`, or a language that the page has brought along in `labels`. */
export type Language = string;
/** An owner's own words: some sentences for every language, or for each language some. */
export type OwnLabels = Record<string, string | Record<string, string>>;

const builtIn: Readonly<Record<string, Labels>> = { en, sw };

/** The languages to choose from: both, and those that the page has brought along. */
export const languagesWith = (own: OwnLabels): Language[] => [
  ...new Set([...Object.keys(builtIn), ...Object.keys(own).filter((key) => typeof own[key] === "object")]),
];

/** Everything that is said in a language; in English what it lacks, and the owner's own words in place of ours. */
export function labelsIn(language: Language, own: OwnLabels): Labels {
  const ofLanguage = own[language];
  const theirs: Record<string, unknown> = { ...own, ...(typeof ofLanguage === "object" && ofLanguage) };
  const given = Object.entries(theirs).filter(([, sentence]) => typeof sentence === "string");
  return { ...en, ...builtIn[language], ...Object.fromEntries(given) };
}

/** The nearest `lang` around an element, across shadow roots, then the browser's languages, then English; the first that is spoken here. */
export function languageAround(element: Element, own: OwnLabels): Language {
  const tags: string[] = [];
  for (let at: Node | null = element; at; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
    if (at instanceof HTMLElement) tags.push(at.lang);
  }
  const spoken = languagesWith(own);
  return (
    [...tags, ...navigator.languages].map((tag) => tag.toLowerCase().replace(/[-_].*/, "")).find((tag) => spoken.includes(tag)) ?? "en"
  );
}

/** Puts values into a sentence: `fill("Pay {amount}", { amount: "KES 5" })`. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => `${values[name] ?? ""}`);
}
