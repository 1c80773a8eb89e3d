/** For some accounts, Safaricom refuses callback addresses that contain one of these words, in upper or lower case. */
const FORBIDDEN_WORDS = ["mpesa", "safaricom", "query", "cmd", "exe", "exec", "sql"];

/** The words in this address for which Safaricom may refuse it. */
export function forbiddenWordsIn(address: string): string[] {
  const lowerCase = address.toLowerCase();
  const found = FORBIDDEN_WORDS.filter((word) => lowerCase.includes(word));
  // "exec" contains "exe": one of them is enough to read.
  return found.filter((word) => !found.some((other) => other !== word && other.includes(word)));
}

/** Whether Safaricom can reach this address. A simulated Safaricom on the same machine can reach any. */
export function isPublicCallback({ callbackUrl, baseUrl }: { callbackUrl: string; baseUrl: string }): boolean {
  const isLocal = /^(localhost|127\.|\[::1\]|10\.|192\.168\.)/.test(new URL(callbackUrl).hostname);
  return !isLocal || isSimulated(baseUrl);
}

/** Whether it is not Safaricom that is called. */
export function isSimulated(baseUrl: string): boolean {
  return !/(^|\.)safaricom\.co\.ke$/.test(new URL(baseUrl).hostname);
}
