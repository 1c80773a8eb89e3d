import type { Redis } from "ioredis";
import { LocalListeners, type ChannelHub } from "./channel-hub.ts";
import type { Logger } from "./logger.ts";
import { withTimeout } from "./with-timeout.ts";

const PREFIX = "somopay:channel:";
/** A stream does not wait longer than this for Redis: it opens, and its own look at the database carries it meanwhile. */
const SUBSCRIBE_TIMEOUT_MS = 1_000;

/** Redis pub/sub with ONE subscriber connection a copy, subscribed to just the channels that somebody here listens to. */
export function createRedisHub({ commands, subscriber, logger }: { commands: Redis; subscriber: Redis; logger: Logger }): ChannelHub {
  const listeners = new LocalListeners();

  subscriber.on("message", (name: string) => listeners.notify(name.slice(PREFIX.length)));
  // ioredis subscribes again by itself after a reconnect; what was said meanwhile is gone, so everybody looks.
  subscriber.on("ready", () => listeners.notifyAll());

  return {
    async publish(channel) {
      try {
        await commands.publish(PREFIX + channel, "");
      } catch (error) {
        logger.warn({ err: error }, "notification not published; open streams find the change by themselves");
        listeners.notify(channel);
      }
    },
    async subscribe(channel, listener) {
      listeners.add(channel, listener);
      // Every listener waits for the confirmation, not just the first: the second may come while the first is still being confirmed.
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
