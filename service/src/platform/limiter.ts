import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from "rate-limiter-flexible";
import type { RedisClient } from "./redis.ts";

/** At most `count` in any `durationS` seconds; null means no limit. */
export type Limit = { count: number; durationS: number } | null;

/** Counts by key, in Redis for all copies together, or in this process. null: no limit. */
export function createLimiter(name: string, limit: Limit, redis: RedisClient | null): RateLimiterAbstract | null {
  if (!limit) return null;
  const options = { keyPrefix: `somopay:limit:${name}`, points: limit.count, duration: limit.durationS };
  if (!redis) return new RateLimiterMemory(options);
  // While Redis is away each copy counts alone: the limit is looser by the number of copies, never off.
  return new RateLimiterRedis({
    ...options,
    storeClient: redis,
    insuranceLimiter: new RateLimiterMemory(options),
    rejectIfRedisNotReady: true,
  });
}
