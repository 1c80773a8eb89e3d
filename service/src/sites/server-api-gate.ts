import { Router } from "express";

import { RateLimiterRes } from "rate-limiter-flexible";
import { ServiceError } from "../platform/errors.ts";
import { createLimiter, type Limit } from "../platform/limiter.ts";
import type { RedisClient } from "../platform/redis.ts";
import { rememberCaller, type ApiCaller, type FindPerson } from "./api-caller.ts";
import { requireRole } from "./roles.ts";
import { callerByKey, hasKey, READING } from "./site-access.ts";
import type { SiteDirectory } from "./site-directory.ts";

type Parts = { sites: SiteDirectory; findPerson: FindPerson; limit: Limit; redis: RedisClient | null };

const TOO_MANY = "Too many calls. Wait as long as Retry-After says.";

/**
 * Comes before every route under `/api/v1`: without a secret key or a signed-in person nothing there is read, not even a body. Whoever only views is
 * let through to read, and to nothing else, also where a route forgets to ask. Counts the calls of each site, whichever of its keys it uses, and of
 * each person, and says in each answer how many are left, in the headers of draft-ietf-httpapi-ratelimit-headers:
 * `RateLimit-Policy: "site";q=600;w=60` and `RateLimit: "site";r=599;t=60`.
 */
export function createServerApiGate({ sites, findPerson, limit, redis }: Parts): Router {
  const router = Router();
  const limiter = createLimiter("api", limit, redis);
  router.use("/api/v1", async (request, response, next) => {
    const caller = hasKey(request) ? await callerByKey(sites, request) : await findPerson(request);
    rememberCaller(request, caller);
    // A cookie's answers are for the dashboard's pages only.
    if (caller.by === "person") response.set("Cross-Origin-Resource-Policy", "same-origin");
    if (limiter && limit) {
      const { name, counted } = countedBy(caller);
      const state = await limiter.consume(counted).catch((error: unknown) => {
        if (error instanceof RateLimiterRes) return error;
        throw error;
      });
      response.set({
        "RateLimit-Policy": `"${name}";q=${limit.count};w=${limit.durationS}`,
        RateLimit: `"${name}";r=${Math.max(0, state.remainingPoints)};t=${Math.ceil(state.msBeforeNext / 1_000)}`,
      });
      if (state.consumedPoints > limit.count)
        throw new ServiceError("too_many_requests", { retryAfterMs: state.msBeforeNext, detail: TOO_MANY });
    }
    if (!READING.has(request.method)) requireRole(caller, "manager");
    next();
  });
  return router;
}

/** A person's clicks must not use up what the site's server may call. */
function countedBy({ site, personId }: ApiCaller): { name: string; counted: string } {
  return personId === null ? { name: "site", counted: site.id } : { name: "person", counted: personId };
}
