import { dictionary } from "@zxcvbn-ts/language-common";
import { ServiceError } from "../platform/errors.ts";

/** NIST SP 800-63B and OWASP ASVS 6.2.1. */
const LENGTH_MIN = 8;
const LENGTH_MAX = 200;
/** Shorter words are in too many passwords by chance. */
const WORD_MIN = 4;
const OUR_WORDS = ["somopay", "mpesa", "m-pesa"];

/**
 * Whether a new password is good enough: long, not among the commonest, and not just the person's own words. Which signs it has does not matter.
 * @param words the address, the name, the site's name
 * @throws ServiceError `password_weak` that says what is wrong
 */
export function requireGoodPassword(password: string, words: readonly string[]): void {
  const problem = problemWithPassword(password, words);
  if (problem !== null) throw new ServiceError("password_weak", { detail: problem });
}

/** null: it is good enough. */
export function problemWithPassword(password: string, words: readonly string[]): string | null {
  const length = Array.from(password).length;
  if (length < LENGTH_MIN) return `A password needs at least ${LENGTH_MIN} characters.`;
  if (length > LENGTH_MAX) return `A password may have up to ${LENGTH_MAX} characters.`;
  if (isCommon(password)) return "Many people use this password, so it is among the first that a thief tries.";
  if (new Set(password.toLowerCase()).size < 4) return "This password repeats the same few characters.";
  if (withoutOwnWords(password, words).length < LENGTH_MIN / 2)
    return "This password is mostly your address, your name or the site's name.";
  return null;
}

let common: ReadonlySet<string> | null = null;

/** One of the 49,000 that turn up most in stolen lists. Read when the first password is chosen: most copies never need it. */
function isCommon(password: string): boolean {
  common ??= new Set(dictionary["passwords-common"].filter((known) => known.length >= LENGTH_MIN));
  return common.has(password.toLowerCase());
}

function withoutOwnWords(password: string, words: readonly string[]): string {
  const own = [...words.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)), ...OUR_WORDS].filter(
    (word) => word.length >= WORD_MIN,
  );
  let rest = password.toLowerCase();
  for (const word of own) rest = rest.replaceAll(word, "");
  return rest;
}
