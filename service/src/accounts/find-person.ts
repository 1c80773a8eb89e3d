import type { Request } from "express";
import { ServiceError } from "../platform/errors.ts";
import type { FindPerson } from "../sites/api-caller.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { requireOwnPage } from "./same-origin.ts";
import { requireSession } from "./sign-in.ts";

export const SITE_HEADER = "SomoPay-Site";
const SITE_PARAMETER = "site";

/** The signed-in person who calls the server API, at the site that the request names. */
export function createFindPerson(deps: AccountsDependencies): FindPerson {
  const { cookies, staff, sites, ownOrigin, now } = deps;
  return async (request) => {
    // Nobody claims to be signed in: whoever calls forgot the key.
    if (cookies.read(request, "session") === null) throw new ServiceError("site_key_missing");
    requireOwnPage(request, ownOrigin);
    const { person, session } = await requireSession(deps, request);
    const siteId = takeSiteId(request);
    if (siteId === null) throw new ServiceError("site_not_named");
    const member = await staff.membershipOf(person.id, siteId);
    const site = member && (await sites.byId(siteId));
    if (!member || !site) throw new ServiceError("site_not_found");
    await staff.touch(member, now());
    // Not the name, which people choose themselves: histories must say who it was.
    return { site, role: member.role, actor: `person:${person.email}`, by: "person", personId: person.id, provenAtMs: session.provenAtMs };
  };
}

/** From the header, else from the query, from which it is removed: routes refuse a parameter that they do not know. */
function takeSiteId(request: Request): string | null {
  const mark = request.url.indexOf("?");
  const path = mark < 0 ? request.url : request.url.slice(0, mark);
  const parameters = new URLSearchParams(mark < 0 ? "" : request.url.slice(mark + 1));
  const inQuery = parameters.get(SITE_PARAMETER);
  if (inQuery !== null) {
    parameters.delete(SITE_PARAMETER);
    request.url = parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
  }
  return request.get(SITE_HEADER) ?? inQuery;
}
