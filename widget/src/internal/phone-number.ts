/** What people and phone books put between digits, and characters that nobody sees (`\p{Cf}`). The service's phone-number.ts has the same. */
const SEPARATORS = /[\s\p{Cf}\p{Pd}\u2212()[\]./\u00b7]/gu;
/**
 * 07…, 7…, 2547…, +254 (0)7…, 002547…, 0002547… (Kenya's own prefix for calls abroad), each also as `tel:`. Operator prefixes are not listed: new
 * ones open, and numbers are ported.
 */
const KENYAN_MOBILE = /^(?:tel:?)?(?:(?:\+|000?)?2540?|0)?([17]\d{8})$/i;

/** Returns the number as `2547XXXXXXXX` or `2541XXXXXXXX`, or `undefined` when it is no Kenyan mobile number. */
export function parsePhone(typed: string): string | undefined {
  const subscriber = KENYAN_MOBILE.exec(typed.replace(SEPARATORS, ""))?.[1];
  return subscriber && `254${subscriber}`;
}

/** How people read a number: 0712 345 678, +254 712 345 678. */
const GROUPS: readonly [start: RegExp, sizes: readonly number[]][] = [
  [/^0/, [4, 3, 3]],
  [/^\+?254/, [3, 3, 3, 3]],
];

/** Groups what is being typed. `caret`: where it stands in `typed`, and then in the text. Whatever is no plain number stays as it is. */
export function groupPhone(typed: string, caret: number): { text: string; caret: number } {
  const sizes = GROUPS.find(([start]) => start.test(typed))?.[1];
  if (!sizes || !/^\+?[\d ]*$/.test(typed)) return { text: typed, caret };
  let rest = typed.replace(/\D/g, "");
  const groups: string[] = [];
  for (const size of sizes) {
    if (rest) groups.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  // More digits than a number has are for the parent to see.
  if (rest) return { text: typed, caret };
  const text = (typed.startsWith("+") ? "+" : "") + groups.join(" ");
  const before = typed.slice(0, caret).replace(/ /g, "").length;
  let at = 0;
  for (let passed = 0; passed < before; at++) if (text[at] !== " ") passed++;
  return { text, caret: at };
}

/**
 * `254712345678` → `0712 ••• 678`; the service's own `2547•••••678` → `07•• ••• 678`. Enough for its owner to know it by. Its spaces do not
 * break.
 */
export function shownPhone(phone: string): string {
  const local = phone.replace(/^254/, "0").padEnd(10, "•");
  return `${local.slice(0, 4)}\u00a0•••\u00a0${local.slice(-3)}`;
}
