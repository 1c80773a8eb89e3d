import type { Request, RequestHandler } from "express";
import { ServiceError } from "../platform/errors.ts";
import { rememberedCaller, type ApiCaller } from "./api-caller.ts";
import type { ApiKey } from "./api-key.ts";
import { requireRole, type Role } from "./roles.ts";
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
async function requireOrigin(sites: SiteDirectory, request: Request, siteId: string): Promise<void> {
  const origin = request.get("Origin");
  if (origin === undefined) return;
  const site = await sites.byId(siteId);
  if (!site?.allowedOrigins.includes(origin)) throw new ServiceError("origin_not_allowed");
}

/**
 * For the calls to which a booking's id is the key. They need no other; but whoever sends one must be of the booking's site: to another site the
 * booking does not exist.
 * @throws ServiceError `booking_not_found`, `site_key_unknown`, `key_read_only`, `origin_not_allowed`
 */
export async function requireBookingSite(sites: SiteDirectory, request: Request, siteId: string): Promise<void> {
  const caller = await identify(sites, request);
  if (caller !== null && caller.site.id !== siteId) throw new ServiceError("booking_not_found");
  await requireOrigin(sites, request, siteId);
}

/** The caller: a browser with the site's publishable key, or its server with a secret key. `key`: null for a browser. */
export type Caller = { site: Site; isServer: boolean; key: ApiKey | null };

/**
 * The site of the caller of a route under `/api/v1`. For routes that read: any role will do.
 * @throws ServiceError if the caller is neither the site's server nor a signed-in person of the site
 */
export async function requireServer(sites: SiteDirectory, request: Request): Promise<Site> {
  return (await requireCaller(sites, request, "viewer")).site;
}

/**
 * The caller of a route under `/api/v1`.
 * @param least the role that the route needs
 * @throws ServiceError if the caller is neither the site's server nor a signed-in person of the site; `forbidden_role`
 */
export async function requireCaller(sites: SiteDirectory, request: Request, least: Role): Promise<ApiCaller> {
  const caller = rememberedCaller(request) ?? (await callerByKey(sites, request));
  requireRole(caller, least);
  return caller;
}

/** @throws ServiceError if the request has no secret key that is good */
export async function callerByKey(sites: SiteDirectory, request: Request): Promise<ApiCaller> {
  const { site, key } = await requireSite(sites, request);
  if (key === null)
    throw new ServiceError("secret_key_required", { detail: "Only the site's server, with the secret key, may ask for this." });
  const role = key.access === "full" ? "manager" : "viewer";
  return { site, role, actor: `key:${key.name}`, by: "key", personId: null, provenAtMs: null };
}

/** Whether the request has a key, good or not. Then no cookie counts. */
export function hasKey(request: Request): boolean {
  return secretKeyOf(request) !== null || request.get("X-Site-Key") !== undefined;
}

/** @throws ServiceError `site_key_missing`, `site_key_unknown`, `key_read_only`, `origin_not_allowed` */
export async function requireSite(sites: SiteDirectory, request: Request): Promise<Caller> {
  const caller = await identify(sites, request);
  if (caller === null) throw new ServiceError("site_key_missing");
  await requireOrigin(sites, request, caller.site.id);
  return caller;
}

/**
 * @returns null if the request has no key
 * @throws ServiceError `site_key_unknown`, or `key_read_only` if the key may only read and the request writes
 */
async function identify(sites: SiteDirectory, request: Request): Promise<Caller | null> {
  const secret = secretKeyOf(request);
  const publishable = request.get("X-Site-Key");
  if (secret === null && publishable === undefined) return null;
  if (secret === null) {
    const site = await sites.byPublishableKey(publishable ?? "");
    if (!site) throw new ServiceError("site_key_unknown");
    return { site, isServer: false, key: null };
  }
  const found = await sites.bySecretKey(secret);
  if (!found) throw new ServiceError("site_key_unknown");
  if (found.key.access === "read" && !READING.has(request.method)) throw new ServiceError("key_read_only");
  return { site: found.site, isServer: true, key: found.key };
}

/** Methods that change nothing. */
export const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** null: the request has none. Another scheme's credentials are not ours. */
export function secretKeyOf(request: Request): string | null {
  return /^Bearer\s+(\S+)$/i.exec(request.get("Authorization") ?? "")?.[1] ?? null;
}
