import { randomBytes } from "node:crypto";
import type { Logger } from "./logger.ts";
import { CLOSES_CONNECTIONS, describeRedisProblem, MessageLostError, type RedisProblem } from "./redis-problem.ts";
import { redisChannels } from "./redis-channels.ts";
import { connectRedisOnce, reconnect, type RedisClient, type RedisConnections } from "./redis.ts";
import { systemTimers, type Timers } from "./timers.ts";
import { withTimeout } from "./with-timeout.ts";

/** Often enough to notice a failover within seconds, and five commands are nothing to Redis. */
const PROBE_INTERVAL_MS = 2_000;
const PROBE_TIMEOUT_MS = 3_000;
const PROBE_KEY_LIFE_MS = 60_000;
/** One silence may be a busy moment of this process; after two, the other end is probably gone, and TCP would need minutes to notice. */
const SILENCES_UNTIL_RECONNECT = 2;
/** Longer than a connection may take, so that its own error comes first. */
const EXAMINE_TIMEOUT_MS = 10_000;

export type RedisWatch = {
  /** Why Redis does not serve; null while it does. */
  problem(): RedisProblem | null;
  stop(): void;
};

/**
 * A Redis may answer and still not serve: without rights, as a replica, without channels. So what the service needs is tried at intervals. Each kind
 * of problem is logged once until Redis serves again.
 * @param onServing called each time that it serves again
 */
export function watchRedis(
  connections: RedisConnections,
  { logger, onServing, timers = systemTimers }: { logger: Logger; onServing: () => void; timers?: Timers },
): RedisWatch {
  const { commands, subscriber } = connections;
  const probe = createProbe(connections);
  const logged = new Set<RedisProblem["kind"]>();
  let problem: RedisProblem | null = { kind: "unreachable", message: "it has not answered yet" };
  let silences = 0;
  let isProbing = false;
  let isAskedAgain = false;
  let isStopped = false;

  const report = (found: RedisProblem | null): void => {
    if (isStopped) return;
    const isBack = found === null && problem !== null;
    problem = found;
    if (found !== null && !logged.has(found.kind)) {
      logged.add(found.kind);
      logger.warn({ problem: found.kind }, `Redis does not serve: ${found.message}. Payments continue; live updates are slower`);
    }
    if (!isBack) return;
    logged.clear();
    logger.info("Redis connected");
    onServing();
  };

  const check = async (): Promise<void> => {
    if (isStopped || commands.status !== "ready" || subscriber.status !== "ready") return;
    // The one under way may still wait on connections that are gone.
    if (isProbing) return void (isAskedAgain = true);
    isProbing = true;
    isAskedAgain = false;
    try {
      await probe();
      silences = 0;
      report(null);
    } catch (error) {
      const found = describeRedisProblem(error);
      logger.debug({ err: error }, "Redis probe failed");
      // A probe that a lost connection cut short says nothing new: the connection's own error does.
      if (found.kind !== "closes_connections") report(found);
      silences = found.kind === "no_answer" || found.kind === "messages_lost" ? silences + 1 : 0;
      if (silences >= SILENCES_UNTIL_RECONNECT) {
        silences = 0;
        reconnect(commands);
        reconnect(subscriber);
      }
    } finally {
      isProbing = false;
      if (isAskedAgain) void check();
    }
  };

  for (const connection of [commands, subscriber]) {
    let state: "connecting" | "explained" | "ready" = "connecting";
    connection.on("connecting", () => {
      state = "connecting";
    });
    connection.on("error", (error: unknown) => {
      state = "explained";
      report(describeRedisProblem(error));
    });
    connection.on("ready", () => {
      state = "ready";
      void check();
    });
    connection.on("close", () => {
      if (state === "connecting") report(CLOSES_CONNECTIONS);
      // While Redis is known not to serve, the known reason says more: connections to a replica are closed on purpose.
      else if (state === "ready" && problem === null) report({ kind: "unreachable", message: "the connection was closed" });
    });
  }
  const endProbing = timers.each(PROBE_INTERVAL_MS, () => void check());
  return {
    problem: () => problem,
    stop() {
      isStopped = true;
      endProbing();
    },
  };
}

/** Connects once and tries what the service needs; null if Redis serves. */
export async function examineRedis(url: string): Promise<RedisProblem | null> {
  const connections = connectRedisOnce(url);
  const both = Object.values(connections);
  try {
    for (const connection of both) await connectOrExplain(connection);
    await createProbe(connections)();
    return null;
  } catch (error) {
    return describeRedisProblem(error);
  } finally {
    for (const connection of both) if (connection.status !== "end") connection.disconnect();
  }
}

/** `connect` only says that the connection is closed; the reason comes as an event. */
async function connectOrExplain(connection: RedisClient): Promise<void> {
  let reason: unknown = null;
  connection.on("error", (error: unknown) => {
    reason ??= error;
  });
  try {
    const connecting = connection.connect();
    await withTimeout(connecting, EXAMINE_TIMEOUT_MS, () => {
      throw new Error("connecting timed out");
    });
  } catch (error) {
    throw reason ?? error;
  }
}

/** By a script, as limits are counted, so that a right to scripts that is missing shows too. */
const WRITE = `return redis.call("set", KEYS[1], "1", "PX", ARGV[1])`;

/** Tries everything that the service does with Redis: write a key by a script, subscribe, publish, and receive what was published. */
function createProbe(connections: RedisConnections): () => Promise<void> {
  const channels = redisChannels(connections);
  const id = randomBytes(8).toString("hex");
  const key = `somopay:probe:${id}`;
  const channel = `probe:${id}`;
  let arrived: () => void = () => undefined;
  channels.onMessage((name) => {
    if (name === channel) arrived();
  });
  const run = async (): Promise<void> => {
    await connections.commands.eval(WRITE, 1, key, PROBE_KEY_LIFE_MS);
    await channels.subscribe([channel]);
    const received = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await channels.publish(channel);
    await withTimeout(received, PROBE_TIMEOUT_MS, () => {
      throw new MessageLostError("the probe's message did not arrive");
    });
  };
  return () =>
    withTimeout(run(), PROBE_TIMEOUT_MS * 2, () => {
      throw new Error("the probe timed out");
    });
}
