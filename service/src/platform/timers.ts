/** Calls back later. Handed to what waits by itself, like the clock, so that a simulation can be the one who lets time pass. */
export type Timers = {
  /** Once, `delayMs` from now. Call the result to call it off. */
  after(delayMs: number, work: () => void): () => void;
  /** Again and again; does not keep the process alive. Call the result to end it. */
  each(intervalMs: number, work: () => void): () => void;
};

export const systemTimers: Timers = {
  after(delayMs, work) {
    const timer = setTimeout(work, delayMs);
    return () => clearTimeout(timer);
  },
  each(intervalMs, work) {
    const timer = setInterval(work, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
