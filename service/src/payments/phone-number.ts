const SEPARATORS = /[\s().\-\u2010-\u2015\u00a0]/g;
/** No operator prefixes: new ones open, and numbers are ported. */
const KENYAN_MOBILE = /^(?:\+?254|0)?([17]\d{8})$/;

/** A Kenyan mobile number in any usual form as Safaricom wants it, `254712345678`; null for anything else. */
export function parseKenyanPhone(text: string): string | null {
  const match = KENYAN_MOBILE.exec(text.replace(SEPARATORS, ""));
  return match ? `254${match[1]}` : null;
}
