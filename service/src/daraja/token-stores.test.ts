import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createMemoryTokenStore } from "./memory-token-store.ts";
import { createRedisTokenStore } from "./redis-token-store.ts";
import type { SharedTokenStore } from "./access-token.ts";

declare module "vitest" {
  interface ProvidedContext {
    redisUrl: string;
  }
}

type StoreUnderTest = { store: SharedTokenStore; pass(ms: number): Promise<void>; end(): Promise<void> };

function memory(): StoreUnderTest {
  let nowMs = 1_000;
  const pass = async (ms: number) => void (nowMs += ms);
  return { store: createMemoryTokenStore(() => nowMs), pass, end: async () => undefined };
}

function redis(): StoreUnderTest {
  const connection = new Redis(inject("redisUrl"));
  const pass = async (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  return { store: createRedisTokenStore(connection), pass, end: async () => connection.disconnect() };
}

describe.each([
  ["memory", memory],
  ["redis", redis],
])("%s", (_name, make) => {
  let under: StoreUnderTest;
  beforeAll(() => void (under = make()));
  afterAll(() => under.end());
  const token = { token: "c9SQxWWhmdVRlyh0zh8gZDTkubVF", expiresAtMs: 1_800_000_000_000 };

  test("returns what was written until it expires", async () => {
    const key = randomUUID();
    expect(await under.store.read(key)).toBeNull();
    await under.store.write(key, token, 40);
    expect(await under.store.read(key)).toEqual(token);
    await under.pass(60);
    expect(await under.store.read(key)).toBeNull();
  });

  test("the last write counts", async () => {
    const key = randomUUID();
    await under.store.write(key, token, 60_000);
    await under.store.write(key, { ...token, token: "newer" }, 60_000);
    expect(await under.store.read(key)).toEqual({ ...token, token: "newer" });
  });

  test("gives the lock to one of many concurrent callers", async () => {
    const key = randomUUID();
    const tries = await Promise.all(Array.from({ length: 20 }, () => under.store.acquireLock(key, 60_000)));
    const releases = tries.filter((release) => release !== null);
    expect(releases).toHaveLength(1);
    await releases[0]?.();
    expect(await under.store.acquireLock(key, 60_000)).not.toBeNull();
    expect(await under.store.acquireLock(randomUUID(), 60_000)).not.toBeNull();
  });

  test("an expired lock cannot release the next holder's", async () => {
    const key = randomUUID();
    const late = await under.store.acquireLock(key, 30);
    await under.pass(50);
    expect(await under.store.acquireLock(key, 60_000)).not.toBeNull();
    await late?.();
    expect(await under.store.acquireLock(key, 60_000)).toBeNull();
  });
});

test("ignores foreign values in Redis", async () => {
  const connection = new Redis(inject("redisUrl"));
  const key = randomUUID();
  for (const value of ["", "null", "[]", "x", '{"token":7,"expiresAtMs":1}', '{"token":"t"}']) {
    await connection.set(`somopay:daraja-token:${key}`, value, "PX", 10_000);
    expect(await createRedisTokenStore(connection).read(key)).toBeNull();
  }
  connection.disconnect();
});
