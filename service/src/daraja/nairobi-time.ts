/** Daraja writes times as `YYYYMMDDHHmmss` in Nairobi, which has been UTC+3 without daylight saving time since 1960. */
const NAIROBI_OFFSET_MS = 3 * 60 * 60 * 1000;

/** M-Pesa began in 2007: an earlier year is an error in the data. */
const FIRST_YEAR = 2007;
const LAST_YEAR = 2199;

/** `20260817140403` for UTC milliseconds. */
export function toNairobiStamp(utcMs: number): string {
  return new Date(utcMs + NAIROBI_OFFSET_MS).toISOString().replace(/\D/g, "").slice(0, 14);
}

/** UTC milliseconds of a stamp (number or text), or null if it is not a date since M-Pesa began. */
export function fromNairobiStamp(stamp: unknown): number | null {
  const text = typeof stamp === "number" ? String(stamp) : typeof stamp === "string" ? stamp.trim() : "";
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!parts) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  if (year < FIRST_YEAR || year > LAST_YEAR) return null;
  const utcMs = Date.UTC(year, month - 1, day, hour, minute, second) - NAIROBI_OFFSET_MS;
  // Date.UTC turns 31 February into March, so only a stamp that converts back unchanged was a valid date.
  return toNairobiStamp(utcMs) === text ? utcMs : null;
}
