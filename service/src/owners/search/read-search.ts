/** What somebody typed or pasted into the one search box. Pure. */
import { wordsOf } from "../../platform/search-words.ts";
import { normaliseReference } from "../../payments/c2b/match-payment.ts";
import { parseKenyanPhone } from "../../payments/phone-number.ts";

/** What is looked for. `full`: null if only the end of a number is known. */
export type SearchWish =
  | { kind: "sms" | "code"; codes: string[] }
  | { kind: "phone"; full: string | null; ending: string }
  /** A word of capitals may be a reference too. */
  | { kind: "name"; words: string[]; codes: string[] };

/** A message has one receipt, and perhaps a reference; other words in capitals are few. */
const CODES_MAX = 10;
const WORDS_MAX = 5;
const SHORTEST_ENDING = 3;
const LONGEST_ENDING = 9;

/** Receipts have 10 characters today, references 8. */
const CODE = /^[A-Z0-9]{8,12}$/;
/** A number as people write it, or as it is shown here: its middle masked. */
const NUMBER = /^[\d\s+()./\p{Pd}•*xX·]+$/u;
/** In messages of every language that M-Pesa has. */
const ABOUT_MONEY = /\b(?:ksh|kes|m-?pesa)/i;
/** How people address a parent. Few are booked under it, and then they are found by the rest of the name. */
const TITLES: ReadonlySet<string> = new Set(["mama", "baba", "mzee", "mr", "mrs", "ms", "miss", "madam", "bi", "bwana"]);

/** null: there is nothing to look for in it. */
export function readSearch(typed: string): SearchWish | null {
  const text = typed.replaceAll(/[\p{Cc}\p{Cf}]+/gu, (unseen) => (/\s/.test(unseen) ? " " : "")).trim();
  if (NUMBER.test(text)) return readPhone(text);
  const joined = normaliseReference(text);
  if (CODE.test(joined) && isMixed(joined)) return { kind: "code", codes: [joined] };
  // A sentence with a receipt in it, which may happen to have no digit.
  const codes = text.split(/[^A-Za-z0-9]+/).filter((word) => CODE.test(word));
  if (/\s/.test(text) && (codes.some(isMixed) || (codes.length > 0 && ABOUT_MONEY.test(text))))
    return { kind: "sms", codes: codes.slice(0, CODES_MAX) };
  const words = wordsOf(text);
  const names = words.filter((word) => !TITLES.has(word));
  const wanted = (names.length > 0 ? names : words).slice(0, WORDS_MAX);
  return wanted.length === 0 ? null : { kind: "name", words: wanted, codes: CODE.test(joined) ? [joined] : [] };
}

function readPhone(text: string): SearchWish | null {
  const full = parseKenyanPhone(text);
  if (full !== null) return { kind: "phone", full, ending: full.slice(-SHORTEST_ENDING) };
  const digits = text.replaceAll(/[\s+()./\p{Pd}]/gu, "");
  const ending = /\d+$/.exec(digits)?.[0].slice(-LONGEST_ENDING) ?? "";
  return ending.length < SHORTEST_ENDING ? null : { kind: "phone", full: null, ending };
}

/** Names have no digits, and years no letters. */
function isMixed(code: string): boolean {
  return /\d/.test(code) && /[A-Z]/.test(code);
}
