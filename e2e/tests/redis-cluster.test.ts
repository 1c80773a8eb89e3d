// Redis Cluster with three primaries: notifications reach every copy, and a primary that fails is replaced by its replica.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { createRedisTokenStore } from "../../service/src/daraja/redis-token-store.ts";
import { createLogger } from "../../service/src/platform/logger.ts";
import { createRedisHub } from "../../service/src/platform/redis-channel-hub.ts";
import { examineRedis } from "../../service/src/platform/redis-watch.ts";
import { connectRedis } from "../../service/src/platform/redis.ts";
import { startRedisCluster, type PrivateRedisCluster } from "../servers/redis-cluster.ts";

let cluster: PrivateRedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster({ replicasEach: 1, nodeTimeoutMs: 1_000 });
});
afterAll(() => cluster.stop());

/** The hub of one copy, with its connections to the cluster. */
async function newCopy() {
  const logger = createLogger("debug", () => undefined);
  const { commands, subscriber } = connectRedis(cluster.url, logger, Date.now);
  if (!(commands instanceof Cluster) || !(subscriber instanceof Cluster)) throw new Error("a cluster was expected");
  onTestFinished(() => {
    for (const connection of [commands, subscriber]) connection.disconnect();
  });
  const hub = createRedisHub({ commands, subscriber, logger });
  await Promise.all([once(commands, "ready"), once(subscriber, "ready")]);
  return { commands, subscriber, hub };
}

type Copy = Awaited<ReturnType<typeof newCopy>>;

/** Enough channels to be on every primary. */
const someChannels = (count = 200): string[] => Array.from({ length: count }, () => `test:${randomBytes(6).toString("hex")}`);

async function listenTo({ hub }: Copy, channels: readonly string[]) {
  const notified = new Set<string>();
  const stops = await Promise.all(channels.map((channel) => hub.subscribe(channel, () => void notified.add(channel))));
  return { notified, stop: () => stops.forEach((end) => end()) };
}

/** How many channels have a subscriber, over all primaries. */
async function subscribed(copy: Copy): Promise<number> {
  const counts = copy.commands.nodes("master").map(async (node) => {
    const channels: unknown = await node.call("PUBSUB", "SHARDCHANNELS", "somopay:channel:*");
    return Array.isArray(channels) ? channels.length : Number.NaN;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

describe("a Redis Cluster", () => {
  it("notifies the listeners of every copy, of channels on every primary", async () => {
    const [one, two] = [await newCopy(), await newCopy()];
    const channels = someChannels();
    const heard = [await listenTo(one, channels), await listenTo(two, channels)];
    await Promise.all(channels.map((channel) => one.hub.publish(channel)));
    await expect.poll(() => heard.map(({ notified }) => notified.size), { timeout: 20_000 }).toEqual([channels.length, channels.length]);
    for (const { port } of cluster.primaries) expect(await nodeAt(one, port)?.call("PUBSUB", "SHARDCHANNELS")).not.toEqual([]);
  });

  it("unsubscribes when the last listener is gone", async () => {
    const copy = await newCopy();
    const { stop } = await listenTo(copy, someChannels());
    expect(await subscribed(copy)).toBe(200);
    stop();
    await expect.poll(() => subscribed(copy), { timeout: 20_000 }).toBe(0);
  });

  it("serves what the service needs, and shares tokens", async () => {
    expect(await examineRedis(cluster.url)).toBeNull();
    const { commands } = await newCopy();
    const store = createRedisTokenStore(commands);
    const key = randomBytes(6).toString("hex");
    const release = await store.acquireLock(key, 5_000);
    expect(await store.acquireLock(key, 5_000)).toBeNull();
    await release?.();
    const token = { token: "a", expiresAtMs: 1 };
    await store.write(key, token, 60_000);
    expect(await store.read(key)).toEqual(token);
  });

  it("needs only the rights that docs/operating.md names", async () => {
    const rights = ["~somopay:*", "&somopay:*", "+@read", "+@write", "+@pubsub", "+@scripting", "+@connection", "+info", "+cluster"];
    const { commands } = await newCopy();
    for (const node of commands.nodes("all")) await node.acl("SETUSER", "somo", "on", ">not-a-real-secret", ...rights);
    expect(await examineRedis(cluster.url.replace("redis://", "redis://somo:not-a-real-secret@"))).toBeNull();
    for (const node of commands.nodes("all")) await node.acl("SETUSER", "somo", "-spublish");
    expect(await examineRedis(cluster.url.replace("redis://", "redis://somo:not-a-real-secret@"))).toMatchObject({
      kind: "command_not_allowed",
      message: expect.stringMatching(/spublish.*\+@pubsub/),
    });
  });

  it("subscribes again after every connection was lost, and then says that messages were lost", async () => {
    const copy = await newCopy();
    const channels = someChannels();
    const { notified } = await listenTo(copy, channels);
    const recovered = new Promise<void>((resolve) => copy.hub.onRecovered(resolve));
    for (const { port } of cluster.primaries) await nodeAt(copy, port)?.call("CLIENT", "KILL", "TYPE", "pubsub");
    await recovered;
    await Promise.all(channels.map((channel) => copy.hub.publish(channel)));
    await expect.poll(() => notified.size, { timeout: 20_000 }).toBe(channels.length);
  });

  it("names a server that is no cluster, and a node that is asked as if it were the only server", async () => {
    expect(await examineRedis(`${inject("redisUrl")}?cluster=true`)).toMatchObject({ kind: "no_cluster" });
    const [first] = cluster.primaries;
    const problems = await Promise.all(Array.from({ length: 8 }, () => examineRedis(first?.url ?? "")));
    expect(problems).toContainEqual(expect.objectContaining({ kind: "cluster" }));
  });

  // The last one: the cluster is another one afterwards.
  it("goes on with the replica of a primary that was killed", async () => {
    const copy = await newCopy();
    const channels = someChannels();
    const { notified } = await listenTo(copy, channels);
    await cluster.primaries[0]?.kill9();
    await expect
      .poll(
        async () => {
          notified.clear();
          await Promise.all(channels.map((channel) => copy.hub.publish(channel)));
          await copy.commands.ping();
          // Published by the cluster, not by the copy to itself because Redis failed.
          return notified.size === channels.length ? subscribed(copy) : 0;
        },
        { timeout: 60_000, interval: 250 },
      )
      .toBeGreaterThanOrEqual(channels.length);
  });
});

function nodeAt({ commands }: Copy, port: number) {
  return commands.nodes("master").find((node) => node.options.port === port);
}
