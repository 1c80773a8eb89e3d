/** Identifiers in the forms that Safaricom uses, including what is awkward about them. */
import { nairobiDay, nairobiDayFirst, nairobiParts } from "./nairobi-time.ts";

/** Numbers in [0, 1). */
export type Random = () => number;

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const TOKEN_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Every recorded token has this length. */
const TOKEN_LENGTH = 28;
/** The year whose receipts begin with A; 2026 is U. */
const RECEIPT_YEAR_A = 2006;
/** Digits are used for the first nine days of a month, then A (10th) to V (31st). */
const RECEIPT_DAYS = "123456789ABCDEFGHIJKLMNOPQRSTUV";
const RECEIPT_TAIL_LENGTH = 7;
const CONVERSATION_TAIL_LENGTH = 20;
/** One id in four carries a single digit after the time instead of three: both are in the recordings. */
const SHORT_CHECKOUT_ID_SHARE = 0.25;

/** Repeatable numbers (mulberry32), so that a failed run can be repeated. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Ids {
  readonly #random: Random;
  readonly #taken = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  token(): string {
    return this.#unused(() => this.#pick(TOKEN_CHARACTERS, TOKEN_LENGTH));
  }

  /** `requestId`, `MerchantRequestID` and `OriginatorCoversationID` look alike: hexadecimal groups, then up to seven digits. */
  requestId(): string {
    const hex = (length: number) => this.#pick("0123456789abcdef", length);
    return `${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}${Math.floor(this.#random() * 9_999_999) + 1}`;
  }

  /** @param phone 254 and nine digits; the id contains the last nine, so it must never reach a browser. */
  checkoutRequestId(atMs: number, phone: string): string {
    return this.#unused((attempt) => {
      const digits = attempt === 0 && this.#random() < SHORT_CHECKOUT_ID_SHARE ? 1 : 3;
      return `ws_CO_${nairobiDayFirst(atMs)}${this.#pick("0123456789", digits)}${phone.slice(-9)}`;
    });
  }

  receipt(atMs: number): string {
    return this.#unused(() => receiptPrefix(atMs) + this.#pick(ALPHANUMERIC, RECEIPT_TAIL_LENGTH));
  }

  /** The receipt of a transaction that moved no money: the day's letters, then zeros. */
  noReceipt(atMs: number): string {
    return `${receiptPrefix(atMs)}${"0".repeat(RECEIPT_TAIL_LENGTH)}`;
  }

  /** `ConversationID`: `AG_`, the day, 20 hexadecimal digits. */
  conversationId(atMs: number): string {
    return this.#unused(() => `AG_${nairobiDay(atMs)}_${this.#pick("0123456789abcdef", CONVERSATION_TAIL_LENGTH)}`);
  }

  #pick(characters: string, length: number): string {
    let text = "";
    for (let index = 0; index < length; index++) text += characters.charAt(Math.floor(this.#random() * characters.length));
    return text;
  }

  #unused(make: (attempt: number) => string): string {
    for (let attempt = 0; ; attempt++) {
      const id = make(attempt);
      if (this.#taken.has(id)) continue;
      this.#taken.add(id);
      return id;
    }
  }
}

function receiptPrefix(atMs: number): string {
  const { year, month, day } = nairobiParts(atMs);
  const yearLetter = ALPHANUMERIC.charAt((((year - RECEIPT_YEAR_A) % 26) + 26) % 26);
  return `${yearLetter}${ALPHANUMERIC.charAt(month - 1)}${RECEIPT_DAYS.charAt(day - 1)}`;
}
