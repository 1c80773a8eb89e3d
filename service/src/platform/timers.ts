/** Schedules callbacks. Passed as a parameter, like the clock, so that the simulation controls time. */
export type Timers = {
  /** Runs `work` once, `delayMs` from now. Call the result to cancel. */
  after(delayMs: number, work: () => void): () => void;
  /** Runs `work` at each interval; does not keep the process alive. Call the result to stop. */
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
