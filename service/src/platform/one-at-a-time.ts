import type { Logger } from "./logger.ts";

/**
 * However many calls come during a run, one more run follows it. Each call resolves when all of that is done, and never rejects.
 * @param failure what the log says if `work` rejects
 */
export function oneAtATime(work: () => Promise<void>, logger: Logger, failure: string): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await work().catch((error: unknown) => logger.warn({ err: error }, `${failure}; retried in a few seconds`));
    } while (again);
    running = null;
  };
  return () => {
    if (running) again = true;
    else running = run();
    return running;
  };
}
