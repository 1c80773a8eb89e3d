import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { z } from "zod";
import { createRedisHub } from "./redis-channel-hub.ts";
import { testLogger } from "./testing.ts";

function connect(url: string): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, enableOfflineQueue: false, lazyConnect: true, retryStrategy: () => 20 });
  redis.on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** The hub of one copy, with its two connections. */
async function newCopy() {
  const [commands, subscriber] = [connect(inject("redisUrl")), connect(inject("redisUrl"))];
  await Promise.all([commands.connect(), subscriber.connect()]);
  const hub = createRedisHub({ commands, subscriber, logger: testLogger().logger });
  return { hub, commands, subscriber };
}

const numSubSchema = z.tuple([z.string(), z.number()]);

/** How many connections are subscribed to a channel. */
async function subscribers(redis: Redis, channel: string): Promise<number> {
  return numSubSchema.parse(await redis.pubsub("NUMSUB", `somopay:channel:${channel}`))[1];
}

describe("the Redis hub", () => {
  let channel: string;
  beforeEach(() => {
    channel = `test:${randomBytes(6).toString("hex")}`;
  });

  it("notifies the listeners of every copy", async () => {
    const [one, two] = [await newCopy(), await newCopy()];
    const notified = Promise.all([one, two].map(({ hub }) => new Promise<void>((resolve) => void hub.subscribe(channel, resolve))));
    await expect.poll(() => subscribers(one.commands, channel)).toBe(2);
    await one.hub.publish(channel);
    await notified;
  });

  it("subscribes once per channel and copy, until the last listener is gone", async () => {
    const { hub, commands } = await newCopy();
    const stops = [];
    for (let listener = 0; listener < 3; listener++) stops.push(await hub.subscribe(channel, () => undefined));
    expect(await subscribers(commands, channel)).toBe(1);
    stops[0]?.();
    stops[1]?.();
    await commands.ping();
    expect(await subscribers(commands, channel)).toBe(1);
    stops[2]?.();
    await expect.poll(() => subscribers(commands, channel)).toBe(0);
  });

  it("subscribes again after the last listener is gone, also if both happen at once", async () => {
    const { hub, commands } = await newCopy();
    const stop = await hub.subscribe(channel, () => undefined);
    stop();
    const notified = new Promise<void>((resolve) => void hub.subscribe(channel, resolve));
    await expect.poll(() => subscribers(commands, channel)).toBe(1);
    await hub.publish(channel);
    await notified;
  });

  it("misses nothing that is published after subscribing resolves", async () => {
    const [one, two] = [await newCopy(), await newCopy()];
    const heard: number[] = [];
    for (let round = 0; round < 20; round++) {
      const name = `${channel}:${round}`;
      const { promise, resolve } = Promise.withResolvers<number>();
      const stop = await two.hub.subscribe(name, () => resolve(round));
      await one.hub.publish(name);
      heard.push(await promise);
      stop();
    }
    expect(heard).toHaveLength(20);
  });

  it("notifies every listener after a reconnect, because messages sent meanwhile are lost", async () => {
    const { hub, commands, subscriber } = await newCopy();
    const id = z.number().parse(await subscriber.client("ID"));
    const { promise, resolve } = Promise.withResolvers<void>();
    await hub.subscribe(channel, resolve);
    await commands.client("KILL", "ID", String(id));
    await promise;
    await expect.poll(() => hub.state()).toBe("ready");
    await expect.poll(() => subscribers(commands, channel)).toBe(1);
  });
});

describe("with Redis down", () => {
  /** Nothing listens on port 1. */
  const deadCopy = () => {
    const [commands, subscriber] = [connect("redis://127.0.0.1:1"), connect("redis://127.0.0.1:1")];
    const { logger, lines } = testLogger();
    return { hub: createRedisHub({ commands, subscriber, logger }), lines };
  };

  it("publishing never rejects: it logs a warning and notifies the listeners of its own copy", async () => {
    const { hub, lines } = deadCopy();
    let notified = 0;
    const stop = await hub.subscribe("a", () => void (notified += 1));
    await expect(hub.publish("a")).resolves.toBeUndefined();
    expect(notified).toBe(1);
    expect(hub.state()).toBe("down");
    expect(lines.join("")).toContain("notification not published");
    stop();
    await hub.publish("a");
    expect(notified).toBe(1);
    await hub.close();
  });
});
