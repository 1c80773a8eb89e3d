import type { Request } from "express";
import {
  answerOnce,
  hashRequest,
  parseIdempotencyKey,
  type Answer,
  type IdempotencyClaim,
  type IdempotencyKeys,
} from "../platform/idempotency.ts";
import { requireServer } from "./site-access.ts";
import type { SiteDirectory } from "./site-directory.ts";
import type { Site } from "./site.ts";

export type WriteParts = { sites: SiteDirectory; keys: IdempotencyKeys };

/** `committed`: what a first caller that died had committed under its key, or null. */
type Work = (site: Site, claim: IdempotencyClaim | null, committed: string | null) => Promise<Answer>;

/**
 * A write by the site's server. Repeated under its `Idempotency-Key` it is answered as the first time.
 * @param wish the request: the same key with another one is a conflict. It must tell apart what may be asked on each route
 */
export async function writeOnce(
  { sites, keys }: WriteParts,
  request: Request,
  wish: { [member: string]: unknown },
  work: Work,
): Promise<Answer> {
  const site = await requireServer(sites, request);
  const key = parseIdempotencyKey(request.get("Idempotency-Key"));
  const claim = key === null ? null : { scope: `decide:${site.id}`, key };
  return answerOnce(keys, claim, hashRequest(wish), (committed) => work(site, claim, committed));
}
