/** For what no stream and no event tells: a row that the background work writes, a line in the log. */
import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 10;
/** What has not come by then will not come. */
const WAIT_MS = 15_000;

/**
 * Looks again and again until `look` finds something; the error after `withinMs` names what was waited for.
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
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms for ${what}, in vain.`);
    await pause(LOOK_EVERY_MS);
  }
}
