const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** From one try to the next: soon after a hiccup, then over three days, so that a weekend without anybody at the receiver is bridged. */
const RETRY_AFTER_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;
/** What failed together must not come back together: up to a tenth later. */
const JITTER = 0.1;

/**
 * When to try again, after `tries` failed; null: no more.
 * @param random from 0 to 1
 */
export function nextTryAt(tries: number, nowMs: number, random: number): number | null {
  const afterMs = RETRY_AFTER_MS[tries - 1];
  return afterMs === undefined ? null : Math.round(nowMs + afterMs * (1 + JITTER * random));
}
