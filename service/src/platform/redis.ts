import { Redis } from "ioredis";
import type { Logger } from "./logger.ts";

export type RedisConnections = { commands: Redis; subscriber: Redis };

/** One connection for commands and ONE for subscriptions. Commands fail at once while Redis is down, so that no request waits for it. */
export function connectRedis(url: string, logger: Logger): RedisConnections {
  const retryStrategy = (tries: number): number => Math.min(tries * 100, 2_000);
  const commands = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 1_000, retryStrategy });
  const subscriber = new Redis(url, { autoResubscribe: true, maxRetriesPerRequest: null, retryStrategy });
  for (const [name, connection] of Object.entries({ commands, subscriber })) {
    connection.on("error", (error: unknown) => logger.debug({ err: error, connection: name }, "Redis connection failed"));
    connection.on("close", () => logger.warn({ connection: name }, "Redis disconnected; live updates are slower until it is back"));
    connection.on("ready", () => logger.info({ connection: name }, "Redis connected"));
  }
  return { commands, subscriber };
}
