import type { Redis } from "ioredis";
import { LocalListeners, type ChannelHub } from "./channel-hub.ts";
import type { Logger } from "./logger.ts";
import { withTimeout } from "./with-timeout.ts";

const PREFIX = "somopay:channel:";
/** A stream waits at most this long for Redis, then opens and relies on reading the database at intervals. */
const SUBSCRIBE_TIMEOUT_MS = 1_000;

/** Redis pub/sub with ONE subscriber connection per copy, subscribed only to channels that have a listener on this copy. */
export function createRedisHub({ commands, subscriber, logger }: { commands: Redis; subscriber: Redis; logger: Logger }): ChannelHub {
  const listeners = new LocalListeners();

  subscriber.on("message", (name: string) => listeners.notify(name.slice(PREFIX.length)));
  // ioredis resubscribes after a reconnect, but messages sent meanwhile are lost, so every listener reads the database.
  subscriber.on("ready", () => listeners.notifyAll());

  return {
    async publish(channel) {
      try {
        await commands.publish(PREFIX + channel, "");
      } catch (error) {
        logger.warn({ err: error }, "notification not published; open streams will read the change from the database");
        listeners.notify(channel);
      }
    },
    async subscribe(channel, listener) {
      listeners.add(channel, listener);
      // Every listener waits for the confirmation, not just the first: a second may subscribe while the first is still unconfirmed.
      const subscribing = subscriber
        .subscribe(PREFIX + channel)
        .catch((error: unknown) => logger.warn({ err: error }, "Redis subscription failed"));
      await withTimeout<unknown>(subscribing, SUBSCRIBE_TIMEOUT_MS, () => null);
      return () => {
        if (!listeners.remove(channel, listener)) return;
        subscriber.unsubscribe(PREFIX + channel).catch((error: unknown) => logger.debug({ err: error }, "Redis unsubscription failed"));
      };
    },
    state: () => (subscriber.status === "ready" && commands.status === "ready" ? "ready" : "down"),
    async close() {
      subscriber.disconnect();
    },
  };
}
