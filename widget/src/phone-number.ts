/** Spaces, dashes, dots and parentheses that people and phone books put into numbers. */
const SEPARATORS = /[\s().\-\u2010-\u2015\u00a0\u200b-\u200f\u202a-\u202e\u2060]/g;
/** 07…, 01…, 7…, 2547…, +2541…. Operator prefixes are not listed: new ones open, and numbers are ported. */
const KENYAN_MOBILE = /^(?:\+?254|0)?([17]\d{8})$/;

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
