/** Everything that happens later goes through here, so that stopping or resetting leaves no timer behind. */

/** Takes a planned step back; harmless once it has happened. */
export type Cancel = () => void;

export class Scheduler {
  readonly #cancels = new Set<Cancel>();
  readonly #whenIdle = new Set<() => void>();
  #epoch = 0;
  #pendingWork = 0;

  /** Runs `step` after `delayMs`. It does not count as work: an unanswered prompt may wait for its end while all is idle. */
  after(delayMs: number, step: () => void): Cancel {
    const cancel = () => {
      clearTimeout(timer);
      this.#cancels.delete(cancel);
    };
    const timer = setTimeout(() => {
      this.#cancels.delete(cancel);
      step();
    }, delayMs);
    // The listening socket keeps the program alive, never a timer.
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
      // After a reset the count has begun anew: what was planned before it must not lower it.
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

  /** How often everything was dropped: work that began before a reset compares it before it writes. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Calls back once when no work is pending; at once if that is so now. */
  whenIdle(step: () => void): Cancel {
    if (this.#pendingWork === 0) {
      step();
      return () => undefined;
    }
    this.#whenIdle.add(step);
    return () => this.#whenIdle.delete(step);
  }

  /** Drops all that is planned. */
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
