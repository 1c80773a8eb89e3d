import { createHash, randomBytes } from "node:crypto";

const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";
/** No 0/O, 1/I/L or U/V pairs, because parents copy it by hand from one phone to another. */
const REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ";
/** 29^8 is 5 × 10^11: with a million open bookings, one new reference in half a million collides and is generated again. */
const REFERENCE_LENGTH = 8;

/** Generates every id of the service. The simulation passes its own, seeded generator. */
export type Ids = {
  /** `prefix_` + 10 characters of time (ids sort by age) + 26 characters with 130 random bits (ids cannot be guessed). */
  next(prefix: string): string;
  /** 32 random bytes in hexadecimal, which contains none of the words that Safaricom refuses in a callback address. */
  secret(): string;
  /** A booking's short name: at most 12 characters, shown on the payer's SMS and typed by hand as the account number. */
  reference(): string;
};

/** @param now the clock that ids are ordered by */
export function createIds(now: () => number, random: (byteCount: number) => Uint8Array = pooledRandomBytes()): Ids {
  return {
    next: (prefix) => `${prefix}_${timePart(now())}${randomPart(random(26))}`,
    secret: () => Buffer.from(random(32)).toString("hex"),
    reference: () => pickEvenly(REFERENCE_ALPHABET, REFERENCE_LENGTH, random),
  };
}

const POOL_BYTES = 4_096;

/** A system call for each of the many small draws would cost more than the rest of an id. No byte is given twice. */
function pooledRandomBytes(): (byteCount: number) => Uint8Array {
  let pool = Buffer.alloc(0);
  let used = 0;
  return (byteCount) => {
    if (used + byteCount > pool.length) {
      pool = randomBytes(POOL_BYTES);
      used = 0;
    }
    used += byteCount;
    return pool.subarray(used - byteCount, used);
  };
}

/** The hash that is stored instead of a secret: enough to recognise it, not to use it. */
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
  // 256 is a multiple of 32, so the remainder is uniform over the alphabet.
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
