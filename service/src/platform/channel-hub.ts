/** Called when something may have changed; the listener reads what changed from the database. */
export type Listener = () => void;

/**
 * Notifies the listeners on every copy that a channel changed. Messages carry no data and any of them may be lost: the database is the truth, and every
 * listener also reads it at intervals.
 */
export type ChannelHub = {
  /** Never rejects: a failed publish is logged, and listeners find the change when they next read the database. */
  publish(channel: string): Promise<void>;
  /** Resolves once notifications will arrive, or at once while the bus is down. Call the result to unsubscribe. */
  subscribe(channel: string, listener: Listener): Promise<() => void>;
  /** The listener is called when the bus is back and every channel is subscribed again: what was published meanwhile is lost. */
  onRecovered(listener: Listener): void;
  close(): Promise<void>;
};

/** The listeners of one copy, by channel. A listener that throws does not affect the others. */
export class LocalListeners {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Returns whether this is the channel's first listener. */
  add(channel: string, listener: Listener): boolean {
    const listeners = this.#listeners.get(channel);
    if (listeners) {
      listeners.add(listener);
      return false;
    }
    this.#listeners.set(channel, new Set([listener]));
    return true;
  }

  /** Returns whether this was the channel's last listener. */
  remove(channel: string, listener: Listener): boolean {
    const listeners = this.#listeners.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return false;
    this.#listeners.delete(channel);
    return true;
  }

  has(channel: string): boolean {
    return this.#listeners.has(channel);
  }

  notify(channel: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) {
      try {
        listener();
      } catch {
        // It reads the database at intervals anyway; the other listeners and the publisher must not fail with it.
      }
    }
  }

  channels(): string[] {
    return [...this.#listeners.keys()];
  }
}

/** For one process without Redis. */
export function createInProcessHub(): ChannelHub {
  const listeners = new LocalListeners();
  return {
    publish: async (channel) => listeners.notify(channel),
    async subscribe(channel, listener) {
      listeners.add(channel, listener);
      return () => void listeners.remove(channel, listener);
    },
    onRecovered: () => undefined,
    close: async () => undefined,
  };
}
