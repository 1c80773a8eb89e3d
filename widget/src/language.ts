import { en } from "./labels/en.ts";
import type { Labels } from "./labels/labels.ts";
import { sw } from "./labels/sw.ts";

export type Language = "en" | "sw";
export const labelsIn: Record<Language, Labels> = { en, sw };

function spoken(tag: string | null | undefined): Language | undefined {
  const primary = tag?.toLowerCase().split(/[-_]/)[0];
  return primary === "en" || primary === "sw" ? primary : undefined;
}

/** The nearest `lang` around an element, across shadow roots, then the browser's languages, then English. */
export function languageAround(element: Element): Language {
  for (let at: Element | null = element; at;) {
    const marked: Element | null = at.closest("[lang]");
    const found = spoken(marked?.getAttribute("lang"));
    if (found) return found;
    const root = at.getRootNode();
    at = marked?.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
  }
  for (const tag of navigator.languages ?? []) {
    const found = spoken(tag);
    if (found) return found;
  }
  return "en";
}
