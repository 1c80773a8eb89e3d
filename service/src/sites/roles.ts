/** What a caller of the server API may do. Pure. */
import { ServiceError } from "../platform/errors.ts";

/** From the least to the most: each may do what those before it may. */
export const roles = ["viewer", "manager", "owner"] as const;
/** `viewer` reads. `manager` also decides about bookings and money. `owner` also says who works here and where the money goes. */
export type Role = (typeof roles)[number];

const ROLE_NEEDED = {
  viewer: "You may not see this.",
  manager: "A viewer may not change anything. Ask an owner of this site to make you a manager.",
  owner: "Only an owner of this site, signed in to the dashboard, may do this.",
} as const;

export function hasRole({ role }: { role: Role }, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}

/** @throws ServiceError `forbidden_role` if the caller may do less than `least` may */
export function requireRole(caller: { role: Role }, least: Role): void {
  if (!hasRole(caller, least)) throw new ServiceError("forbidden_role", { detail: ROLE_NEEDED[least] });
}
