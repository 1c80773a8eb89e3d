import type { Logger } from "./logger.ts";
import { systemTimers, type Timers } from "./timers.ts";

export type BackgroundTask = { stop(): Promise<void> };

/**
 * Does a piece of work again and again, `pauseMs` after the last time ended, never twice at once. A failure is logged and tried again:
 * at first after the pause, then ever later, up to half a minute.
 * @param work resolves to true when there is more to do at once
 */
export function every(
  pauseMs: number,
  name: string,
  work: () => Promise<boolean>,
  logger: Logger,
  timers: Timers = systemTimers,
): BackgroundTask {
  let callOff = (): void => undefined;
  let stopped = false;
  let failures = 0;
  let current: Promise<void> = Promise.resolve();

  const round = async (): Promise<void> => {
    let more = false;
    try {
      more = await work();
      failures = 0;
    } catch (error) {
      failures += 1;
      logger.warn({ err: error, task: name }, "background work failed; it is tried again");
    }
    if (stopped) return;
    const delayMs = more ? 0 : Math.min(pauseMs * 2 ** Math.min(failures, 5), Math.max(pauseMs, 30_000));
    callOff = timers.after(delayMs, start);
  };
  const start = (): void => {
    current = round();
  };
  start();
  return {
    async stop() {
      stopped = true;
      callOff();
      await current;
    },
  };
}
