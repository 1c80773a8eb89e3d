/** A phone number as people may see it: `2547•••••678`. */
export function maskPhone(phone: string): string {
  return phone.length < 8 ? "•".repeat(phone.length) : `${phone.slice(0, 4)}•••••${phone.slice(-3)}`;
}

/** Every common way to write a number, with spaces, dots, dashes or brackets. Without a prefix, only if it cannot be another kind of number. */
const GAP = String.raw`[\s().\-\u2010-\u2015\u00a0]{0,2}`;
const PHONE_NUMBERS = new RegExp(
  [
    String.raw`(?<!\d)(?:\+?2${GAP}5${GAP}4|0)(?:${GAP}[17])(?:${GAP}\d){8}(?!\d)`,
    String.raw`(?<![\d.])[17]\d{2}[ \u00a0-]?\d{3}[ \u00a0-]?\d{3}(?![\d.])`,
  ].join("|"),
  "g",
);
/** Safaricom's id of a prompt ends with the payer's phone number. */
const CHECKOUT_REQUEST_IDS = /ws_CO_[\w-]+/g;
/** Callback secrets and API keys. */
const SECRETS = /[0-9a-f]{64,}|[0-9A-F]{64,}|\b[prs]k_\w{8,}|\bBearer\s+[\w.~+/-]+=*/g;
/** Whoever has a booking's id can use the booking. The time part stays, so that log lines can still be correlated. */
const BOOKING_IDS = /\bbk_([0-9a-z]{10})[0-9a-z]{20,}/g;

/** The log's last line of defence: removes full phone numbers and secrets, wherever they came from. */
export function scrub(line: string): string {
  return line
    .replace(CHECKOUT_REQUEST_IDS, "ws_CO_•••")
    .replace(SECRETS, "[secret]")
    .replace(BOOKING_IDS, "bk_$1…")
    .replace(PHONE_NUMBERS, (phone) => maskPhone(phone));
}

/** Quoted values, but not the names that say what to look at. */
const QUOTED_VALUES = /(?<!\b(?:key|column|table|database|user|constraint) )'(?:[^'\\]|\\.|'')*'/g;

/** A database's error message without the values of its statement: they may be names, e-mail addresses or anything else that a person typed. */
export function scrubStatement(message: string): string {
  return message.replace(QUOTED_VALUES, "'…'");
}
