/** Safaricom writes every time in Africa/Nairobi, which is UTC+3 all year. */
const NAIROBI_AHEAD_OF_UTC_MS = 3 * 60 * 60 * 1000;

export interface NairobiParts {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

export function nairobiParts(atMs: number): NairobiParts {
  const shifted = new Date(atMs + NAIROBI_AHEAD_OF_UTC_MS);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
  };
}

const two = (value: number) => String(value).padStart(2, "0");

/** `YYYYMMDDHHmmss`: the form of Timestamp, TransactionDate and TransTime. */
export function nairobiTimestamp(atMs: number): string {
  const { year, month, day, hour, minute, second } = nairobiParts(atMs);
  return `${year}${two(month)}${two(day)}${two(hour)}${two(minute)}${two(second)}`;
}

/** `ddMMyyyyHHmmss`: the form inside a CheckoutRequestID. */
export function nairobiDayFirst(atMs: number): string {
  const { year, month, day, hour, minute, second } = nairobiParts(atMs);
  return `${two(day)}${two(month)}${year}${two(hour)}${two(minute)}${two(second)}`;
}

/** `YYYYMMDD`: the day to which a payer's daily limit applies. */
export function nairobiDay(atMs: number): string {
  return nairobiTimestamp(atMs).slice(0, 8);
}

/** `23/11/26 at 9:05 AM`: as a confirmation SMS writes it. */
export function nairobiSmsTime(atMs: number): string {
  const { year, month, day, hour, minute } = nairobiParts(atMs);
  return `${day}/${month}/${String(year).slice(-2)} at ${hour % 12 === 0 ? 12 : hour % 12}:${two(minute)} ${hour < 12 ? "AM" : "PM"}`;
}
