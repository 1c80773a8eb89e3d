import type { Request } from "express";
import {
  answerOnce,
  hashRequest,
  parseIdempotencyKey,
  type Answer,
  type IdempotencyClaim,
  type IdempotencyKeys,
} from "../platform/idempotency.ts";
import type { ApiCaller } from "./api-caller.ts";
import type { Role } from "./roles.ts";
import { requireCaller } from "./site-access.ts";
import type { SiteDirectory } from "./site-directory.ts";
import type { Site } from "./site.ts";

export type WriteParts = { sites: SiteDirectory; keys: IdempotencyKeys };

/** `committed`: what a first caller that died had committed under its key, or null. */
type Work = (site: Site, claim: IdempotencyClaim | null, committed: string | null, caller: ApiCaller) => Promise<Answer>;

/**
 * A write by the site's server or by a signed-in person. Repeated under its `Idempotency-Key` it is answered as the first time.
 * @param wish the request: the same key with another one is a conflict. It must tell apart what may be asked on each route
 * @param least the role that the write needs
 * @throws ServiceError `forbidden_role`
 */
export async function writeOnce(
  { sites, keys }: WriteParts,
  request: Request,
  wish: { [member: string]: unknown },
  work: Work,
  least: Role = "manager",
): Promise<Answer> {
  const caller = await requireCaller(sites, request, least);
  const { site } = caller;
  const key = parseIdempotencyKey(request.get("Idempotency-Key"));
  const claim = key === null ? null : { scope: `decide:${site.id}`, key };
  return answerOnce(keys, claim, hashRequest(wish), (committed) => work(site, claim, committed, caller));
}
