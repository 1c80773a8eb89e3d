import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Redis } from "ioredis";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { z } from "zod";
import { createRedisHub } from "./redis-channel-hub.ts";
import { connectRedis } from "./redis.ts";
import { testLogger } from "./testing.ts";

function connect(url: string) {
  const { logger, lines } = testLogger();
  const { commands, subscriber } = connectRedis(url, logger, Date.now);
  if (!(commands instanceof Redis) || !(subscriber instanceof Redis)) throw new Error("one server was expected");
  const connections = { commands, subscriber };
  onTestFinished(() => {
    for (const connection of Object.values(connections)) connection.disconnect();
  });
  return { ...connections, hub: createRedisHub({ ...connections, logger }), lines };
}

/** The hub of one copy, with its two connections. */
async function newCopy() {
  const copy = connect(inject("redisUrl"));
  await Promise.all([once(copy.commands, "ready"), once(copy.subscriber, "ready")]);
  return copy;
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

  it("subscribes again after a reconnect, and then says that messages were lost", async () => {
    const { hub, commands, subscriber } = await newCopy();
    const channels = Array.from({ length: 1_200 }, (_, index) => `${channel}:${index}`);
    await Promise.all(channels.map((name) => hub.subscribe(name, () => undefined)));
    const subscribed = new Promise<number[]>((resolve, reject) => {
      hub.onRecovered(() => void Promise.all(channels.map((name) => subscribers(commands, name))).then(resolve, reject));
    });
    await kill(subscriber, commands);
    expect(new Set(await subscribed)).toEqual(new Set([1]));
  });

  it("does not subscribe again what nobody listens to any more", async () => {
    const { hub, commands, subscriber } = await newCopy();
    const stop = await hub.subscribe(channel, () => undefined);
    await hub.subscribe(`${channel}:other`, () => undefined);
    const recovered = new Promise<void>((resolve) => hub.onRecovered(resolve));
    await kill(subscriber, commands);
    stop();
    await recovered;
    expect(await subscribers(commands, channel)).toBe(0);
    expect(await subscribers(commands, `${channel}:other`)).toBe(1);
  });

  // ioredis, left to subscribe again by itself, would reject a promise that nobody holds. That ends a process, and Vitest fails on it.
  it("survives that the connection breaks while it subscribes again, and tries once more", async () => {
    const { hub, commands, subscriber, lines } = await newCopy();
    await hub.subscribe(channel, () => undefined);
    const recovered = new Promise<void>((resolve) => hub.onRecovered(resolve));
    // After the hub's own listener, which has sent its subscriptions by then.
    subscriber.once("ready", () => subscriber.stream.destroy());
    await kill(subscriber, commands);
    await recovered;
    expect(await subscribers(commands, channel)).toBe(1);
    expect(lines.join("")).toContain("Redis subscription failed");
  });
});

/** Ends a connection as a server does, and returns once it is closed. */
async function kill(connection: Redis, admin: Redis): Promise<void> {
  const id = z.number().parse(await connection.client("ID"));
  const closed = once(connection, "close");
  await admin.client("KILL", "ID", String(id));
  await closed;
}

describe("with Redis down", () => {
  it("publishing never rejects: it notifies the listeners of its own copy", async () => {
    // Nothing listens on port 1.
    const { hub } = connect("redis://127.0.0.1:1");
    let notified = 0;
    const stop = await hub.subscribe("a", () => void (notified += 1));
    await expect(hub.publish("a")).resolves.toBeUndefined();
    expect(notified).toBe(1);
    stop();
    await hub.publish("a");
    expect(notified).toBe(1);
    await hub.close();
  });
});
