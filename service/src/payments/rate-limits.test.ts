import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { Registry } from "prom-client";
import { describe, expect, inject, it, onTestFinished, test } from "vitest";
import { hashSecret } from "../platform/ids.ts";
import { createPaymentMetrics } from "./payment-metrics.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";

type Limits = Parameters<typeof createRateLimits>[0];
const none: Limits = { address: null, phone: null, site: null };

function newLimits(limits: Partial<Limits>, redis: Redis | null): { limits: RateLimits; registry: Registry } {
  const registry = new Registry();
  const metrics = createPaymentMetrics(registry);
  return { limits: createRateLimits({ ...none, ...limits }, redis, metrics), registry };
}

async function connect(url: string, isThere: boolean): Promise<Redis> {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    lazyConnect: true,
    retryStrategy: () => 1_000,
  });
  redis.on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  if (isThere) await redis.connect();
  else await redis.connect().catch(() => undefined);
  return redis;
}

/** Counted by nobody else: the tests share one Redis. */
const newStart = () => {
  const own = randomBytes(6).toString("hex");
  return { phone: `254711${own}`, address: `address-${own}`, siteId: `site-${own}` };
};

const kinds = [
  ["in memory", async () => null],
  ["in Redis", () => connect(inject("redisUrl"), true)],
  ["in memory, because Redis is away", () => connect("redis://127.0.0.1:1", false)],
] as const;

describe.each(kinds)("limits on starting payments, counted %s", (_kind, open) => {
  test.each(["phone", "address", "site"] as const)("by %s: so many, then no more until the time is over", async (by) => {
    const { limits, registry } = newLimits({ [by]: { count: 3, durationS: 60 } }, await open());
    const same = newStart();
    const another = () => {
      const start = newStart();
      if (by === "site") return { ...start, siteId: same.siteId };
      return by === "phone" ? { ...start, phone: same.phone } : { ...start, address: same.address };
    };
    for (let start = 0; start < 3; start++) await limits.consume(another());
    await expect(limits.consume(another())).rejects.toMatchObject({
      code: "too_many_requests",
      status: 429,
      extras: { retryAfterMs: expect.toSatisfy((waitMs: number) => waitMs > 50_000 && waitMs <= 60_000) },
    });
    await limits.consume(newStart());
    expect(await registry.metrics()).toContain(`somopay_starts_refused_total{limit="${by}"} 1`);
  });

  it("none at all when they are off", async () => {
    const { limits } = newLimits({}, await open());
    const start = newStart();
    const starts = Array.from({ length: 50 }, () => limits.consume(start));
    const bookings = Array.from({ length: 50 }, () => limits.consumeBooking(start.address));
    expect(await Promise.all([...starts, ...bookings])).toHaveLength(100);
  });

  it("ten bookings for each payment that an address may start", async () => {
    const { limits } = newLimits({ address: { count: 2, durationS: 60 } }, await open());
    const { address } = newStart();
    for (let count = 0; count < 20; count++) await limits.consumeBooking(address);
    await expect(limits.consumeBooking(address)).rejects.toMatchObject({ code: "too_many_requests" });
  });

  it("a start that the address may not make does not count against its phone or site", async () => {
    const { limits } = newLimits({ address: { count: 1, durationS: 60 }, phone: { count: 1, durationS: 60 } }, await open());
    const [flood, victim] = [newStart(), newStart()];
    await limits.consume(flood);
    await expect(limits.consume({ ...victim, address: flood.address })).rejects.toMatchObject({ code: "too_many_requests" });
    await expect(limits.consume(victim)).resolves.toBeUndefined();
  });

  it("five codes for a booking in ten minutes, whoever types them", async () => {
    const { limits } = newLimits({ phone: { count: 1, durationS: 60 } }, await open());
    const bookingId = newStart().siteId;
    const type = () => limits.consumeCode({ bookingId, address: newStart().address });
    for (let count = 0; count < 5; count++) await type();
    await expect(type()).rejects.toMatchObject({
      code: "too_many_requests",
      extras: { retryAfterMs: expect.toSatisfy((waitMs: number) => waitMs > 590_000 && waitMs <= 600_000) },
    });
  });

  it("as many codes from an address as it may start payments, for whatever bookings", async () => {
    const { limits } = newLimits({ address: { count: 2, durationS: 60 } }, await open());
    const { address } = newStart();
    const type = () => limits.consumeCode({ bookingId: newStart().siteId, address });
    await type();
    await type();
    await expect(type()).rejects.toMatchObject({ code: "too_many_requests" });
  });

  it("many at once are counted one by one", async () => {
    const { limits } = newLimits({ phone: { count: 5, durationS: 60 } }, await open());
    const start = newStart();
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => limits.consume(start)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });
});

describe("limits in Redis", () => {
  it("are one for all copies, and keep neither phone nor address in the clear", async () => {
    const redis = await connect(inject("redisUrl"), true);
    const start = newStart();
    const copies = [0, 1, 2].map(
      () => newLimits({ phone: { count: 2, durationS: 60 }, address: { count: 100, durationS: 60 } }, redis).limits,
    );
    await copies[0]?.consume(start);
    await copies[1]?.consume(start);
    await expect(copies[2]?.consume(start)).rejects.toMatchObject({ code: "too_many_requests" });
    const bookingId = `bk_${start.siteId}`;
    await copies[0]?.consumeBooking(start.address);
    await copies[0]?.consumeCode({ bookingId, address: start.address });
    const keys = await redis.keys("somopay:limit:*");
    const hashed = { phone: start.phone, address: start.address, bookings: start.address, codes: bookingId };
    for (const [limit, secret] of Object.entries(hashed)) {
      expect(keys).toContain(`somopay:limit:${limit}:${hashSecret(secret)}`);
      expect(keys.filter((key) => key.includes(secret))).toEqual([]);
    }
  });
});
