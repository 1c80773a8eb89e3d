import type { Request } from "express";
import { ServiceError } from "../platform/errors.ts";
import { READING } from "../sites/site-access.ts";

/**
 * Whether the service's own page makes a request that a cookie is sent with. Browsers say so in `Sec-Fetch-Site`, which no script can set; older ones
 * only in `Origin`, and not for reading. There a cookie that is `SameSite=Strict`, and no CORS, must do.
 * @param ownOrigin PUBLIC_URL's
 * @throws ServiceError `cross_site_request`
 */
export function requireOwnPage(request: Request, ownOrigin: string): void {
  if (!isOwnPage(request.method, { site: request.get("Sec-Fetch-Site"), origin: request.get("Origin") }, ownOrigin))
    throw new ServiceError("cross_site_request");
}

type Said = { site: string | undefined; origin: string | undefined };

/** Pure. */
export function isOwnPage(method: string, { site, origin }: Said, ownOrigin: string): boolean {
  if (origin !== undefined && origin !== ownOrigin) return false;
  if (site !== undefined) return site === "same-origin";
  return origin === ownOrigin || READING.has(method);
}
