import { Cluster, Redis } from "ioredis";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { isReadOnly } from "./redis-problem.ts";
import { parseRedisUrl, type RedisAddress, type RedisOptions } from "./redis-url.ts";

/** To one server, or to all nodes of a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/** `commands` writes, counts and publishes; `subscriber` is the copy's ONE connection for subscriptions (in a cluster: one to each primary). */
export type RedisConnections = { commands: RedisClient; subscriber: RedisClient };

/** If the server that REDIS_URL leads to is still a replica, asking again sooner only costs connections. */
const RECONNECT_PAUSE_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;
/** A server that says nothing when connected to, such as one without TLS that is asked for it. */
const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 1_000;
/** A command follows a slot to its new primary, and waits 100 ms for one before each further try, but no request waits for an election. */
const CLUSTER_TRIES = 3;

const retryStrategy = (tries: number): number => Math.min(tries * 100, LONGEST_RETRY_MS);
const never = (): null => null;

/**
 * Keeps both connections open, whatever happens to Redis. Commands fail at once while it is down, so that no request waits for it. What is wrong is
 * found and logged by `watchRedis`.
 */
export function connectRedis(url: string, logger: Logger, now: Clock): RedisConnections {
  const address = parseRedisUrl(url);
  const connections = address.isCluster ? connectCluster(address) : connectServer(address, now);
  for (const [name, connection] of Object.entries(connections))
    connection.on("error", (error: unknown) => logger.debug({ err: error, connection: name }, "Redis connection failed"));
  return connections;
}

/** Connections that are opened by `connect()` and do not reconnect: to examine a server. */
export function connectRedisOnce(url: string): RedisConnections {
  const address = parseRedisUrl(url);
  if (address.isCluster) return connectCluster(address, { lazyConnect: true, clusterRetryStrategy: never });
  const once: RedisOptions = { lazyConnect: true, retryStrategy: never };
  return {
    commands: new Redis({ ...commandOptions(address), ...once }),
    subscriber: new Redis({ ...subscriberOptions(address), ...once }),
  };
}

/** ioredis gives a connection up for good if this happens while it is still connecting. */
export function reconnect(connection: RedisClient): void {
  if (connection.status === "ready") connection.disconnect(true);
}

function connectServer(address: RedisAddress, now: Clock): RedisConnections {
  const subscriber = new Redis({ ...subscriberOptions(address), retryStrategy });
  let reconnectedAtMs = Number.NEGATIVE_INFINITY;
  /** After a failover the server is a replica, and stays one: the name in REDIS_URL leads to the new primary by now. */
  const reconnectOnError = (error: Error): boolean => {
    if (!isReadOnly(error) || now() - reconnectedAtMs < RECONNECT_PAUSE_MS) return false;
    reconnectedAtMs = now();
    reconnect(subscriber);
    return true;
  };
  return { commands: new Redis({ ...commandOptions(address), retryStrategy, reconnectOnError }), subscriber };
}

/** Nothing waits for Redis: what cannot be sent at once fails at once. */
const SHARED_OPTIONS = { connectTimeout: CONNECT_TIMEOUT_MS, enableOfflineQueue: false, maxRetriesPerRequest: 0 };

function commandOptions({ nodes, options }: RedisAddress): RedisOptions {
  return { ...options, ...nodes[0], ...SHARED_OPTIONS, commandTimeout: COMMAND_TIMEOUT_MS };
}

/**
 * The hub subscribes again by itself after a reconnect. If ioredis did, nobody could catch a refusal (NOPERM, or the connection is closed meanwhile):
 * an unhandled rejection, which ends the process.
 */
function subscriberOptions({ nodes, options }: RedisAddress): RedisOptions {
  return { ...options, ...nodes[0], ...SHARED_OPTIONS, autoResubscribe: false, autoResendUnfulfilledCommands: false };
}

function connectCluster({ nodes, options }: RedisAddress, once: { lazyConnect?: true; clusterRetryStrategy?: () => null } = {}) {
  const shared = {
    enableOfflineQueue: false,
    maxRedirections: CLUSTER_TRIES,
    clusterRetryStrategy: retryStrategy,
    // A node that restarts under the same address would otherwise stay unconnected until a slot moves.
    clusterNodeRetryStrategy: retryStrategy,
    // As given, so that with TLS the certificate's name is compared with the host's.
    dnsLookup: (host: string, done: (error: null, address: string) => void) => done(null, host),
    ...once,
  };
  const redisOptions = { ...options, connectTimeout: CONNECT_TIMEOUT_MS, commandTimeout: COMMAND_TIMEOUT_MS };
  return {
    commands: new Cluster([...nodes], { ...shared, redisOptions }),
    subscriber: new Cluster([...nodes], { ...shared, redisOptions, shardedSubscribers: true }),
  };
}
