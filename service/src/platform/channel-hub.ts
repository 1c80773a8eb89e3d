/** Called when something may be new; what is new is read from the database. */
export type Wake = () => void;

/**
 * Wakes listeners on every copy. It carries no data and may lose any message: the database is the truth, and whoever listens also looks by itself.
 */
export type ChannelHub = {
  /** Never rejects: a wake that cannot be sent is logged, and the listeners' own look finds the change. */
  publish(channel: string): Promise<void>;
  /** Resolves once wakes really arrive, or at once with the bus down (it is caught up when the bus is back). Call the result to stop. */
  subscribe(channel: string, wake: Wake): Promise<() => void>;
  state(): "ready" | "down";
  close(): Promise<void>;
};

/** The listeners of one copy, by channel; a listener that throws harms no other. */
export class LocalListeners {
  readonly #wakes = new Map<string, Set<Wake>>();

  /** Returns whether this is the channel's first listener. */
  add(channel: string, wake: Wake): boolean {
    const wakes = this.#wakes.get(channel);
    if (wakes) {
      wakes.add(wake);
      return false;
    }
    this.#wakes.set(channel, new Set([wake]));
    return true;
  }

  /** Returns whether the channel has no listener any more. */
  remove(channel: string, wake: Wake): boolean {
    const wakes = this.#wakes.get(channel);
    if (!wakes?.delete(wake) || wakes.size > 0) return false;
    this.#wakes.delete(channel);
    return true;
  }

  has(channel: string): boolean {
    return this.#wakes.has(channel);
  }

  wake(channel: string): void {
    for (const wake of this.#wakes.get(channel) ?? []) {
      try {
        wake();
      } catch {
        // Its own look finds what is new; the others and the one who publishes are not to suffer.
      }
    }
  }

  wakeAll(): void {
    for (const channel of this.#wakes.keys()) this.wake(channel);
  }
}

/** For one process without Redis. */
export function createInProcessHub(): ChannelHub {
  const listeners = new LocalListeners();
  return {
    publish: async (channel) => listeners.wake(channel),
    async subscribe(channel, wake) {
      listeners.add(channel, wake);
      return () => void listeners.remove(channel, wake);
    },
    state: () => "ready",
    close: async () => undefined,
  };
}
