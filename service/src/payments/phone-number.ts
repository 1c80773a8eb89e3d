/** What people and phone books put between digits, and characters that nobody sees (`\p{Cf}`). The widget's phone-number.ts has the same. */
const SEPARATORS = /[\s\p{Cf}\p{Pd}\u2212()[\]./\u00b7]/gu;
/**
 * 07…, 7…, 2547…, +254 (0)7…, 002547…, 0002547… (Kenya's own prefix for calls abroad), each also as `tel:`. No operator prefixes: new ones open,
 * and numbers are ported.
 */
const KENYAN_MOBILE = /^(?:tel:?)?(?:(?:\+|000?)?2540?|0)?([17]\d{8})$/i;

/** A Kenyan mobile number in any usual form as Safaricom wants it, `254712345678`; null for anything else. */
export function parseKenyanPhone(text: string): string | null {
  const match = KENYAN_MOBILE.exec(text.replace(SEPARATORS, ""));
  return match ? `254${match[1]}` : null;
}

/** The start and the end of a number are visible; M-Pesa masks the middle, by whichever character. */
const MASKED_NUMBER = /^(\d{3,})([*•xX]*)(\d*)$/;

/** Compares a phone with the payer that M-Pesa names, which may be masked, or hashed as a whole (then `unknown`). */
export function comparePayer(phone: string, payer: string): "same" | "other" | "unknown" {
  const [, start, middle, end] = MASKED_NUMBER.exec(payer) ?? [];
  const [, ownStart, ownMiddle, ownEnd] = MASKED_NUMBER.exec(phone) ?? [];
  if (start === undefined || end === undefined || ownStart === undefined || ownEnd === undefined) return "unknown";
  if (middle === "" && ownMiddle === "") return phone === payer ? "same" : "other";
  if (middle !== "" && ownMiddle !== "") return phone === payer ? "same" : "unknown";
  const [whole, shown] = middle === "" ? [payer, { start: ownStart, end: ownEnd }] : [phone, { start, end }];
  return whole.startsWith(shown.start) && whole.endsWith(shown.end) ? "same" : "other";
}
