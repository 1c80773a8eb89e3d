import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Registry, collectDefaultMetrics } from "prom-client";
import { createInProcessHub, type ChannelHub } from "./channel-hub.ts";
import type { Clock } from "./clock.ts";
import { openDatabase, type Database, type DatabaseAddress } from "./database.ts";
import { checkHealth, type Health } from "./health.ts";
import { createIdempotencyKeys, type IdempotencyKeys } from "./idempotency.ts";
import { createIds, type Ids } from "./ids.ts";
import { openJournal, type Journal } from "./journal.ts";
import { createLeases, type Leases } from "./leases.ts";
import type { Logger } from "./logger.ts";
import { createRedisHub } from "./redis-channel-hub.ts";
import { watchRedis, type RedisWatch } from "./redis-watch.ts";
import { connectRedis, type RedisClient } from "./redis.ts";

/** The infrastructure that every feature uses. */
export type Platform = {
  database: Database;
  /** For commands; null for a single process without Redis. */
  redis: RedisClient | null;
  hub: ChannelHub;
  journal: Journal;
  keys: IdempotencyKeys;
  leases: Leases;
  ids: Ids;
  now: Clock;
  registry: Registry;
  logger: Logger;
  health(): Promise<Health>;
  /** Closes every connection. */
  close(): Promise<void>;
};

export type PlatformSettings = { database: DatabaseAddress; redisUrl: string | null; dataDir: string };

/** Opens database, Redis and journal. Does not wait for the database or Redis: either may be down. */
export async function openPlatform(
  { database: address, redisUrl, dataDir }: PlatformSettings,
  logger: Logger,
  now: Clock,
): Promise<Platform> {
  mkdirSync(dataDir, { recursive: true });
  const ids = createIds(now);
  const database = openDatabase(address);
  const redis = redisUrl === null ? null : openRedis(redisUrl, logger, now);
  const hub = redis?.hub ?? createInProcessHub();
  const journal = await openJournal(join(dataDir, "journal"));
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "somopay_" });
  return {
    database,
    redis: redis?.commands ?? null,
    hub,
    journal,
    keys: createIdempotencyKeys(database, now),
    leases: createLeases(database, ids.next("copy"), now),
    ids,
    now,
    registry,
    logger,
    health: () => checkHealth({ database, redis: redis?.watch ?? null, journalDir: dataDir, journalDepth: journal.depth }),
    async close() {
      redis?.watch.stop();
      await hub.close();
      redis?.commands.disconnect();
      await journal.close();
      await database.close();
    },
  };
}

function openRedis(url: string, logger: Logger, now: Clock): { commands: RedisClient; hub: ChannelHub; watch: RedisWatch } {
  const connections = connectRedis(url, logger, now);
  const hub = createRedisHub({ ...connections, logger });
  const watch = watchRedis(connections, { logger, onServing: hub.retryRefused });
  return { commands: connections.commands, hub, watch };
}
