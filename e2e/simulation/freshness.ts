import type { Bus } from "./bus.ts";
import type { World } from "./world.ts";

/**
 * The time for connecting, subscribing, a notification and two reads of two statements each, with their answers. Less than the 5 s after which every stream
 * is compared with the database.
 */
const notified = (slowestStatementMs: number): number => 1_000 + 8 * slowestStatementMs;
/** The limit when notifications are lost. */
const SEEN_WITHIN_MS = 10_000;

/** Checks that every open stream shows what is published: at once if the bus loses nothing, otherwise within 10 s. */
export function watchFreshness(world: World, bus: Bus): void {
  const { tabs, scheduler, tables } = world;
  bus.onPublished = (channel) => {
    const bookingId = channel.slice(channel.indexOf(":") + 1);
    const version = tables.bookings.get(bookingId)?.version ?? 0;
    const withinMs = promisedMs(world);
    if (withinMs === null) return;
    for (const tab of tabs) {
      const { connection } = tab;
      if (tab.bookingId !== bookingId || connection === null) continue;
      scheduler.after(withinMs, () => {
        if (tab.connection === connection && tab.version < version)
          world.fail(`an open stream shows a change within ${withinMs} ms`, bookingId);
      });
    }
  };
}

/** The limit in this world; null: none, because the database fails. */
function promisedMs({ faults }: World): number | null {
  if (faults.statementFails > 0 || faults.outageEveryMs > 0) return null;
  return faults.notificationLost > 0 ? SEEN_WITHIN_MS : notified(faults.slowestStatementMs);
}
