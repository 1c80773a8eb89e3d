import type { Request } from "express";
import { withTimeout } from "../platform/with-timeout.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";

/** Longer than two reads take. A page must not wait for a hint that comes later than what it is a hint for. */
const PATIENCE_MS = 300;

/**
 * The site of whoever is signed in, if there is one only; null if nobody is, or there are several. It decides nothing: the page is told early what it
 * will ask for, and asks for it like any other. So what goes wrong here is not told to anybody.
 */
export function findSoleSite(deps: AccountsDependencies, request: Request): Promise<string | null> {
  return withTimeout(
    find(deps, request).catch(() => null),
    PATIENCE_MS,
    () => null,
  );
}

async function find({ cookies, signIns, staff, now }: AccountsDependencies, request: Request): Promise<string | null> {
  const token = cookies.read(request, "session");
  const found = token === null ? null : await signIns.find(token, now());
  const [site, ...others] = found ? await staff.sitesOf(found.person.id) : [];
  return others.length === 0 ? (site?.siteId ?? null) : null;
}
