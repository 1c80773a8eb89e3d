import { createHash, randomBytes } from "node:crypto";

const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";
/** No 0/O, 1/I/L or U/V pairs: a parent types it from one phone into another. */
const REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ";
/** 29^8 is 5 × 10^11: with a million open bookings, one new reference in half a million collides and is drawn again. */
const REFERENCE_LENGTH = 8;

/** Makes every id of the service. A simulation hands in its own, seeded one. */
export type Ids = {
  /** `prefix_` + 10 characters of time (so that ids sort by age) + 26 characters of 130 random bits (so that no id can be guessed). */
  next(prefix: string): string;
  /** 32 random bytes in hexadecimal: spells none of the words that Safaricom refuses in a callback address. */
  secret(): string;
  /** A booking's short name: at most 12 characters, shown on the payer's SMS and typed by hand as the account number. */
  reference(): string;
};

/** @param now the clock that ids are ordered by */
export function createIds(now: () => number, random: (byteCount: number) => Uint8Array = randomBytes): Ids {
  return {
    next: (prefix) => `${prefix}_${timePart(now())}${randomPart(random(26))}`,
    secret: () => Buffer.from(random(32)).toString("hex"),
    reference: () => pickEvenly(REFERENCE_ALPHABET, REFERENCE_LENGTH, random),
  };
}

/** What is kept of a secret: enough to recognise it, not enough to use it. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function timePart(atMs: number): string {
  let rest = Math.floor(atMs);
  let text = "";
  for (let index = 0; index < 10; index++) {
    text = BASE32.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function randomPart(bytes: Uint8Array): string {
  // 256 is a multiple of 32, so the remainder is even over the alphabet.
  return Array.from(bytes, (byte) => BASE32.charAt(byte % 32)).join("");
}

function pickEvenly(alphabet: string, length: number, random: (byteCount: number) => Uint8Array): string {
  const fair = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < fair && text.length < length) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}
