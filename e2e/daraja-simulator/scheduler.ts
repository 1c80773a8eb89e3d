/** Plans everything that happens later, so that stopping or resetting leaves no timer behind. */

/** Cancels a planned step; does nothing once the step has happened. */
export type Cancel = () => void;

export class Scheduler {
  readonly #cancels = new Set<Cancel>();
  readonly #whenIdle = new Set<() => void>();
  #epoch = 0;
  #pendingWork = 0;

  /** Runs `step` after `delayMs`. It does not count as work: an unanswered prompt may wait for its timeout while all is idle. */
  after(delayMs: number, step: () => void): Cancel {
    const cancel = () => {
      clearTimeout(timer);
      this.#cancels.delete(cancel);
    };
    const timer = setTimeout(() => {
      this.#cancels.delete(cancel);
      step();
    }, delayMs);
    // The listening socket keeps the program alive; timers must not.
    timer.unref();
    this.#cancels.add(cancel);
    return cancel;
  }

  /** Runs `work` after `delayMs` and counts it until it is done: `idle()` waits for it. `work` must not reject. */
  work(delayMs: number, work: () => Promise<void> | void): Cancel {
    const epoch = this.#epoch;
    this.#pendingWork++;
    let counted = true;
    const done = () => {
      // A reset sets the count to 0. Work that was planned before must not lower it.
      if (!counted || epoch !== this.#epoch) return;
      counted = false;
      this.#pendingWork--;
      if (this.#pendingWork === 0) this.#tellIdle();
    };
    const cancel = this.after(delayMs, () => void Promise.resolve(work()).finally(done));
    return () => {
      if (!this.#cancels.has(cancel)) return;
      cancel();
      done();
    };
  }

  get pendingWork(): number {
    return this.#pendingWork;
  }

  /** The number of resets. Work compares it before it writes, to know whether it began before a reset. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Calls back once no work is pending; at once if none is now. */
  whenIdle(step: () => void): Cancel {
    if (this.#pendingWork === 0) {
      step();
      return () => undefined;
    }
    this.#whenIdle.add(step);
    return () => this.#whenIdle.delete(step);
  }

  /** Drops everything that is planned. */
  clear(): void {
    for (const cancel of this.#cancels) cancel();
    this.#epoch++;
    this.#pendingWork = 0;
    this.#tellIdle();
  }

  #tellIdle(): void {
    const steps = [...this.#whenIdle];
    this.#whenIdle.clear();
    for (const step of steps) step();
  }
}
