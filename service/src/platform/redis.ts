import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { Redis, type RedisOptions as AnyRedisOptions } from "ioredis";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { isReadOnly } from "./redis-problem.ts";

/** `commands` writes, counts and publishes; `subscriber` is the copy's ONE connection for subscriptions. */
export type RedisConnections = { commands: Redis; subscriber: Redis };

/** ioredis types an instance by this option; everything here works with its default. */
type RedisOptions = Omit<AnyRedisOptions, "replyMapping">;

/** If the server that REDIS_URL leads to is still a replica, asking again sooner only costs connections. */
const RECONNECT_PAUSE_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;
/** A server that says nothing when connected to, such as one without TLS that is asked for it. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Keeps both connections open, whatever happens to Redis. Commands fail at once while it is down, so that no request waits for it. What is wrong is
 * found and logged by `watchRedis`.
 */
export function connectRedis(url: string, logger: Logger, now: Clock): RedisConnections {
  const retryStrategy = (tries: number): number => Math.min(tries * 100, LONGEST_RETRY_MS);
  const subscriber = new Redis({ ...subscriberOptions(url), retryStrategy });
  let reconnectedAtMs = Number.NEGATIVE_INFINITY;
  /** After a failover the server is a replica, and stays one: the name in REDIS_URL leads to the new primary by now. */
  const reconnectOnError = (error: Error): boolean => {
    if (!isReadOnly(error) || now() - reconnectedAtMs < RECONNECT_PAUSE_MS) return false;
    reconnectedAtMs = now();
    reconnect(subscriber);
    return true;
  };
  const commands = new Redis({ ...commandOptions(url), retryStrategy, reconnectOnError });
  for (const [name, connection] of Object.entries({ commands, subscriber }))
    connection.on("error", (error: unknown) => logger.debug({ err: error, connection: name }, "Redis connection failed"));
  return { commands, subscriber };
}

/** Connections that are opened by `connect()` and do not reconnect: to examine a server. */
export function connectRedisOnce(url: string): RedisConnections {
  const once: RedisOptions = { lazyConnect: true, retryStrategy: () => null };
  return { commands: new Redis({ ...commandOptions(url), ...once }), subscriber: new Redis({ ...subscriberOptions(url), ...once }) };
}

/** ioredis gives a connection up for good if this happens while it is still connecting. */
export function reconnect(connection: Redis): void {
  if (connection.status === "ready") connection.disconnect(true);
}

/** Nothing waits for Redis: what cannot be sent at once fails at once. */
const SHARED_OPTIONS = { connectTimeout: CONNECT_TIMEOUT_MS, enableOfflineQueue: false, maxRetriesPerRequest: 0 };

function commandOptions(url: string): RedisOptions {
  return { ...parseRedisUrl(url), ...SHARED_OPTIONS, commandTimeout: 1_000 };
}

/**
 * The hub subscribes again by itself after a reconnect. If ioredis did, nobody could catch a refusal (NOPERM, or the connection is closed meanwhile):
 * an unhandled rejection, which ends the process.
 */
function subscriberOptions(url: string): RedisOptions {
  return {
    ...parseRedisUrl(url),
    ...SHARED_OPTIONS,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
  };
}

const ONE_SERVER = "name one server, redis://:password@host:6379, or rediss://… for TLS";

/**
 * `redis://user:password@host:6379/0?ssl-ca=FILE`. ioredis takes any query parameter for one of its options, also a misspelt one, so it is not given
 * the text.
 * @throws Error with a sentence that says what to set, and never contains the password
 */
export function parseRedisUrl(text: string): RedisOptions {
  const [, scheme, authority = ""] = /^(rediss?):\/\/([^/?#]*)/.exec(text) ?? [];
  if (scheme === undefined) throw new Error(`REDIS_URL must be redis://host:6379 or rediss://…`);
  const hosts = authority.slice(authority.lastIndexOf("@") + 1);
  if (hosts.includes(","))
    throw new Error(`REDIS_URL names several hosts. Redis Cluster and Sentinel are not supported yet: ${ONE_SERVER}`);
  if (!URL.canParse(text))
    throw new Error("REDIS_URL cannot be read: write special characters in the user or password as %XX, such as %23 for #");
  const url = new URL(text);
  if (url.searchParams.has("cluster"))
    throw new Error(`REDIS_URL asks for Redis Cluster, which is not supported yet: remove "cluster", and ${ONE_SERVER}`);
  if (url.hostname === "") throw new Error(`REDIS_URL names no host: ${ONE_SERVER}`);
  const database = url.pathname.slice(1);
  if (!/^\d{0,5}$/.test(database)) throw new Error("REDIS_URL must end in the host, the port or a database's number: redis://host:6379/0");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    host,
    port: url.port === "" ? 6379 : Number(url.port),
    ...(url.username !== "" && { username: decodeURIComponent(url.username) }),
    ...(url.password !== "" && { password: decodeURIComponent(url.password) }),
    ...(database !== "" && { db: Number(database) }),
    ...parseParameters(url.searchParams, scheme === "rediss" ? host : null),
  };
}

/** `tlsHost`: null without TLS. */
function parseParameters(parameters: URLSearchParams, tlsHost: string | null): RedisOptions {
  const { "ssl-ca": caFile, family, ...unknown } = Object.fromEntries(parameters);
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw new Error(`REDIS_URL has an unknown parameter, "${name}": only ssl-ca and family are known`);
  if (family !== undefined && family !== "4" && family !== "6") throw new Error("REDIS_URL: family must be 4 or 6");
  if (caFile !== undefined && tlsHost === null) throw new Error("REDIS_URL: ssl-ca needs TLS, so begin with rediss://");
  return {
    ...(family !== undefined && { family: Number(family) }),
    ...(tlsHost !== null && {
      tls: { ...(isIP(tlsHost) === 0 && { servername: tlsHost }), ...(caFile !== undefined && { ca: readCertificate(caFile) }) },
    }),
  };
}

function readCertificate(file: string): string {
  try {
    const pem = readFileSync(file, "utf8");
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`REDIS_URL: ssl-ca must be the file of a certificate in PEM format, and cannot be read: ${why}`, { cause: error });
  }
}
