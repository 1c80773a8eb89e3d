import { coreWords } from "./labels/labels.ts";
import type { In, Labels, Pair } from "./labels/labels.ts";

/** `en`, `sw`, or a language that the page has brought along in `labels`. */
export type Language = string;
/** An owner's own words: some sentences for every language, or for each language some. */
export type OwnLabels = Record<string, string | Record<string, string>>;

const BUILT_IN = ["en", "sw"];

/** The languages to choose from: both, and those that the page has brought along. */
export const languagesWith = (own: OwnLabels): Language[] => [
  ...new Set([...BUILT_IN, ...Object.keys(own).filter((key) => typeof own[key] === "object")]),
];

/** What `words` say in a language, else in English, with the owner's own words in their place. */
export function wordsIn<W extends Record<string, Pair>>(words: W, language: Language, own: OwnLabels): In<W> {
  const theirs = { ...own, ...(own[language] as OwnLabels | undefined) };
  // One sentence for each key, which is what this type says.
  return Object.fromEntries(Object.entries(words).map(([key, pair]) => [key, theirs[key] ?? pair[+(language === "sw")]])) as In<W>;
}

export const labelsIn = (language: Language, own: OwnLabels): Labels => wordsIn(coreWords, language, own);

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
