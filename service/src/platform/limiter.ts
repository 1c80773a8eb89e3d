import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from "rate-limiter-flexible";
import { ServiceError } from "./errors.ts";
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

/**
 * Counts one use. @param detail what a person reads who has used it up
 * @throws ServiceError `too_many_requests`
 */
export async function consumeOrThrow(limiter: RateLimiterAbstract | null, key: string, detail: string): Promise<void> {
  try {
    await limiter?.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new ServiceError("too_many_requests", { retryAfterMs: error.msBeforeNext, detail });
  }
}
