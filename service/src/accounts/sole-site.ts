import type { Request } from "express";
import type { AccountsDependencies } from "./accounts-dependencies.ts";

/**
 * The site of whoever is signed in, if there is one only; null if nobody is, or there are several. It decides nothing: the page is told early what it
 * will ask for, and asks for it like any other. So what goes wrong here is not told to anybody.
 */
export async function findSoleSite({ cookies, signIns, staff, now }: AccountsDependencies, request: Request): Promise<string | null> {
  const token = cookies.read(request, "session");
  if (token === null) return null;
  try {
    const found = await signIns.find(token, now());
    const [site, ...others] = found ? await staff.sitesOf(found.person.id) : [];
    return others.length === 0 ? (site?.siteId ?? null) : null;
  } catch {
    return null;
  }
}
