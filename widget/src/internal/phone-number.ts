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

/**
 * `254712345678` → `0712 ••• 678`; the service's own `2547•••••678` → `07•• ••• 678`. Enough for its owner to know it by. Its spaces do not
 * break.
 */
export function shownPhone(phone: string): string {
  const local = phone.replace(/^254/, "0").padEnd(10, "•");
  return `${local.slice(0, 4)}\u00a0•••\u00a0${local.slice(-3)}`;
}
