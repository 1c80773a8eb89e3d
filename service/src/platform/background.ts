import type { Logger } from "./logger.ts";
import { systemTimers, type Timers } from "./timers.ts";

export type BackgroundTask = { stop(): Promise<void> };

/**
 * Runs `work` repeatedly, `pauseMs` after the last run ended, never twice at once. After a failure it retries with exponential backoff,
 * up to half a minute.
 * @param work resolves to true if there is more to do, so that it runs again without a pause
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
      logger.warn({ err: error, task: name }, "background work failed; retrying");
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
