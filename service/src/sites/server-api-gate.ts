import { Router } from "express";

import { RateLimiterRes } from "rate-limiter-flexible";
import { ServiceError } from "../platform/errors.ts";
import { createLimiter, type Limit } from "../platform/limiter.ts";
import type { RedisClient } from "../platform/redis.ts";
import { requireServer } from "./site-access.ts";
import type { SiteDirectory } from "./site-directory.ts";

type Parts = { sites: SiteDirectory; limit: Limit; redis: RedisClient | null };

const TOO_MANY = "Too many calls. Wait as long as Retry-After says.";

/**
 * Comes before every route under `/api/v1`: without a secret key nothing there is read, not even a body. Counts the calls of each site, whichever of
 * its keys it uses, and says in each answer how many are left, in the headers of draft-ietf-httpapi-ratelimit-headers:
 * `RateLimit-Policy: "site";q=600;w=60` and `RateLimit: "site";r=599;t=60`.
 */
export function createServerApiGate({ sites, limit, redis }: Parts): Router {
  const router = Router();
  const limiter = createLimiter("api", limit, redis);
  router.use("/api/v1", async (request, response, next) => {
    const { id } = await requireServer(sites, request);
    if (limiter && limit) {
      const state = await limiter.consume(id).catch((error: unknown) => {
        if (error instanceof RateLimiterRes) return error;
        throw error;
      });
      response.set({
        "RateLimit-Policy": `"site";q=${limit.count};w=${limit.durationS}`,
        RateLimit: `"site";r=${Math.max(0, state.remainingPoints)};t=${Math.ceil(state.msBeforeNext / 1_000)}`,
      });
      if (state.consumedPoints > limit.count)
        throw new ServiceError("too_many_requests", { retryAfterMs: state.msBeforeNext, detail: TOO_MANY });
    }
    next();
  });
  return router;
}
