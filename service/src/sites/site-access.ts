import type { Request, RequestHandler } from "express";
import { ServiceError } from "../platform/errors.ts";
import type { SiteDirectory } from "./site-directory.ts";
import type { Site } from "./site.ts";

/** How long a browser may cache a preflight's answer. */
const PREFLIGHT_MAX_AGE_S = 600;

/**
 * CORS for the sites' origins. A preflight names no site, so it is granted to any origin that some site allows. The request itself is refused
 * unless its own site allows the origin.
 */
export function createCors(sites: SiteDirectory): RequestHandler {
  return async (request, response, next) => {
    response.vary("Origin");
    const origin = request.get("Origin");
    const isKnown = origin !== undefined && (await sites.isKnownOrigin(origin));
    if (isKnown) response.set({ "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After" });
    if (request.method !== "OPTIONS") {
      next();
      return;
    }
    if (isKnown) {
      response.set({
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "Content-Type, X-Site-Key, Idempotency-Key, Last-Event-ID",
        "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE_S),
      });
    }
    response.status(204).end();
  };
}

/** @throws ServiceError `origin_not_allowed` if the browser's origin is not in the site's `allowedOrigins` */
export async function requireOrigin(sites: SiteDirectory, request: Request, siteId: string): Promise<void> {
  const origin = request.get("Origin");
  if (origin === undefined) return;
  const site = await sites.byId(siteId);
  if (!site?.allowedOrigins.includes(origin)) throw new ServiceError("origin_not_allowed");
}

/** The caller: a browser with the site's publishable key, or its server with the secret key. */
export type Caller = { site: Site; isServer: boolean };

/** @throws ServiceError if the caller is not the site's server */
export async function requireServer(sites: SiteDirectory, request: Request): Promise<Site> {
  const { site, isServer } = await requireSite(sites, request);
  if (!isServer)
    throw new ServiceError("secret_key_required", { detail: "Only the site's server, with the secret key, may ask for this." });
  return site;
}

/** @throws ServiceError `site_key_missing`, `site_key_unknown`, `origin_not_allowed` */
export async function requireSite(sites: SiteDirectory, request: Request): Promise<Caller> {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.get("Authorization") ?? "")?.[1];
  const key = request.get("X-Site-Key");
  if (bearer === undefined && key === undefined) throw new ServiceError("site_key_missing");
  const site = bearer === undefined ? await sites.byPublishableKey(key ?? "") : await sites.bySecretKey(bearer);
  if (!site) throw new ServiceError("site_key_unknown");
  await requireOrigin(sites, request, site.id);
  return { site, isServer: bearer !== undefined };
}
