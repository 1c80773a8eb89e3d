/** Readers for untrusted bodies. Nothing here throws, whatever the text is. */

/** Daraja's bodies are under 2 kB, and 64 kB parses in well under a millisecond. */
export const BODY_MAX_BYTES = 64 * 1024;

export type UntrustedObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is UntrustedObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object's own member of that name. Inherited names such as `constructor` do not count. */
export function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The text's JSON object, or null if it is not JSON, another JSON value, or too long. */
export function parseObject(text: string): UntrustedObject | null {
  if (text.length > BODY_MAX_BYTES) return null;
  try {
    const value: unknown = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Safaricom's longest ids have 46 characters; the limit keeps a hostile value out of a column and an index. */
const ID_MAX = 100;

/** An id in a form that Safaricom uses (`ws_CO_…`, `29115-34620561-1`, once with spaces in it), or null. */
export function readId(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const id = value.trim();
  return id.length <= ID_MAX && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(id) ? id : null;
}

/**
 * A normalised code: `1032`, `"1032"` and `" 1032 "` are the same, and `sfc_ic0003` is `SFC_IC0003`. Null for anything that only resembles a
 * code (`"00"`, `1.5`, `true`): a code decides about money and must not be guessed.
 */
export function readCode(value: unknown): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(Math.abs(value)) : null;
  if (typeof value !== "string") return null;
  const code = value.trim();
  return /^(?:0|[1-9]\d{0,9}|[A-Za-z][A-Za-z0-9_]{0,31})$/.test(code) ? code.toUpperCase() : null;
}

/** Our payments are whole shillings. Null for a fraction, a sign or an exponent; null equals no price. */
export function readShillings(value: unknown): number | null {
  const amount = typeof value === "string" && /^\d{1,9}(?:\.0{1,4})?$/.test(value.trim()) ? Number(value) : value;
  return typeof amount === "number" && Number.isSafeInteger(amount) && amount >= 1 ? amount : null;
}

/** M-Pesa's receipt code in upper case, or null. */
export function readReceipt(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const receipt = value.trim().toUpperCase();
  return /^[A-Z0-9]{8,12}$/.test(receipt) ? receipt : null;
}

/**
 * Values by name, from one `{[nameKey]: …, Value: …}` or a list of them, in any order. A name with two different values is left out, because
 * neither can be trusted.
 */
export function readNamedValues(given: unknown, nameKey: "Name" | "Key"): ReadonlyMap<string, unknown> {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  const values = new Map<string, unknown>();
  const contradicted = new Set<string>();
  for (const entry of list) {
    const name = own(entry, nameKey);
    const value = own(entry, "Value");
    if (typeof name !== "string" || value === undefined || value === null) continue;
    const key = name.trim();
    if (values.has(key) && values.get(key) !== value) contradicted.add(key);
    values.set(key, value);
  }
  for (const key of contradicted) values.delete(key);
  return values;
}

const MESSAGE_MAX = 200;

/** Makes untrusted text safe for logs and the dashboard: one short line without phone numbers, ids or tokens. */
export function safeText(value: unknown): string {
  if (typeof value !== "string") return "";
  return value
    .slice(0, 4 * MESSAGE_MAX)
    .replace(/[\p{C}\s]+/gu, " ")
    .replace(/[A-Za-z0-9+/=_-]{24,}/g, "•••")
    .replace(/\d{7,}/g, "•••")
    .trim()
    .slice(0, MESSAGE_MAX);
}
