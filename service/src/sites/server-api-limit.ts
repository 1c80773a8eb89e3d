import { Router } from "express";
import type { RedisClient } from "../platform/redis.ts";
import { RateLimiterRes } from "rate-limiter-flexible";
import { ServiceError } from "../platform/errors.ts";
import { createLimiter, type Limit } from "../platform/limiter.ts";
import { secretKeyOf } from "./site-access.ts";
import type { SiteDirectory } from "./site-directory.ts";

type Parts = { sites: Pick<SiteDirectory, "bySecretKey">; limit: Limit; redis: RedisClient | null };

/**
 * Counts the calls under `/api/v1` for each site, whichever of its keys it uses, and says in each answer how many are left, in the headers of
 * draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy: "site";q=600;w=60` and `RateLimit: "site";r=599;t=60`.
 * Comes before the routers, which answer for a missing or unknown key.
 */
export function createServerApiLimit({ sites, limit, redis }: Parts): Router {
  const router = Router();
  const limiter = createLimiter("api", limit, redis);
  if (!limiter || !limit) return router;
  const policy = `"site";q=${limit.count};w=${limit.durationS}`;
  router.use("/api/v1", async (request, response, next) => {
    const secret = secretKeyOf(request);
    const found = secret === null ? null : await sites.bySecretKey(secret);
    if (!found) {
      next();
      return;
    }
    const state = await limiter.consume(found.site.id).catch((error: unknown) => {
      if (error instanceof RateLimiterRes) return error;
      throw error;
    });
    const isOver = state.consumedPoints > limit.count;
    response.set({
      "RateLimit-Policy": policy,
      RateLimit: `"site";r=${Math.max(0, state.remainingPoints)};t=${Math.ceil(state.msBeforeNext / 1_000)}`,
    });
    if (isOver) throw new ServiceError("too_many_requests", { retryAfterMs: state.msBeforeNext, detail: TOO_MANY });
    next();
  });
  return router;
}

const TOO_MANY = "Too many calls. Wait as long as Retry-After says.";
