/** Waits for what no stream and no event reports: a row that background work writes, a line in the log. */
import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 10;
/** What has not happened by then will not happen. */
const WAIT_MS = 15_000;

/**
 * Calls `look` repeatedly until it finds something. The error after `withinMs` contains `what`.
 * @param look null, undefined or false: not yet
 */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | null | undefined | false> | Found | null | undefined | false,
  withinMs = WAIT_MS,
): Promise<Found> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`Timed out after ${withinMs} ms waiting for ${what}.`);
    await pause(LOOK_EVERY_MS);
  }
}
