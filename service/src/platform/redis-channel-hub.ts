import { LocalListeners, type ChannelHub, type Listener } from "./channel-hub.ts";
import type { Logger } from "./logger.ts";
import { redisChannels } from "./redis-channels.ts";
import type { RedisConnections } from "./redis.ts";
import { withTimeout } from "./with-timeout.ts";

/** A stream waits at most this long for Redis, then opens and relies on reading the database at intervals. */
const SUBSCRIBE_TIMEOUT_MS = 1_000;

export type RedisHub = ChannelHub & {
  /** For when Redis serves again on the connection that it has: subscribes what it refused before. */
  retryRefused(): void;
};

/** Redis pub/sub with ONE subscriber per copy, subscribed only to channels that have a listener on this copy. */
export function createRedisHub({ commands, subscriber, logger }: RedisConnections & { logger: Logger }): RedisHub {
  const redis = redisChannels({ commands, subscriber });
  const listeners = new LocalListeners();
  const recoveryListeners: Listener[] = [];
  let wasRefused = false;

  const refused = (error: unknown): void => {
    wasRefused = true;
    // Why is the watch's to say, once: there may be thousands of subscriptions.
    logger.debug({ err: error }, "Redis subscription failed");
  };

  const subscribeAll = async (): Promise<void> => {
    wasRefused = false;
    for (const group of redis.groups(listeners.channels())) {
      // Not those whose last listener has gone meanwhile: nobody would unsubscribe them.
      const channels = group.filter((channel) => listeners.has(channel));
      if (channels.length > 0) await redis.subscribe(channels);
    }
    for (const listener of recoveryListeners) listener();
  };

  redis.onMessage((channel) => listeners.notify(channel));
  redis.onConnected(() => void subscribeAll().catch(refused));

  return {
    async publish(channel) {
      try {
        await redis.publish(channel);
      } catch (error) {
        logger.debug({ err: error }, "notification not published; open streams will read the change from the database");
        listeners.notify(channel);
      }
    },
    async subscribe(channel, listener) {
      listeners.add(channel, listener);
      // Every listener waits for the confirmation, not just the first: a second may subscribe while the first is still unconfirmed.
      const subscribing = redis.subscribe([channel]).catch(refused);
      await withTimeout<unknown>(subscribing, SUBSCRIBE_TIMEOUT_MS, () => null);
      return () => {
        if (!listeners.remove(channel, listener)) return;
        redis.unsubscribe(channel).catch((error: unknown) => logger.debug({ err: error }, "Redis unsubscription failed"));
      };
    },
    onRecovered: (listener) => void recoveryListeners.push(listener),
    retryRefused() {
      if (wasRefused) void subscribeAll().catch(refused);
    },
    async close() {
      subscriber.disconnect();
    },
  };
}
