import type { Request } from "express";
import { ServiceError } from "../platform/errors.ts";
import type { Role } from "./roles.ts";
import type { Site } from "./site.ts";

/** Whoever calls a route under `/api/v1`, for one site. */
export type ApiCaller = {
  site: Site;
  /** A secret key has the role `manager`, a key that may only read `viewer`. Only a person can be `owner`. */
  role: Role;
  /** For histories: `key:<name>` or `person:<name>`. */
  actor: string;
  by: "key" | "person";
  /** null: a key. */
  personId: string | null;
  /** When the person last gave the password, UTC milliseconds; null: a key. */
  provenAtMs: number | null;
};

/** Finds the signed-in person of a request without a key. @throws ServiceError if the cookie is not good, or the site is not the person's */
export type FindPerson = (request: Request) => Promise<ApiCaller>;

/** For how long the password counts for what would hurt most in the hands of somebody who finds an open phone. */
const PROVEN_FOR_MS = 15 * 60_000;

/**
 * For owners' routes that a stranger with an open phone or a stolen cookie must not use: staff, keys, where money goes.
 * @throws ServiceError `password_required` unless the password was given in the last 15 minutes, at sign-in or by `POST /dashboard/confirm`
 */
export function requireRecentPassword({ provenAtMs }: { provenAtMs: number | null }, nowMs: number): void {
  if (provenAtMs === null || nowMs - provenAtMs > PROVEN_FOR_MS) throw new ServiceError("password_required");
}

/** Of requests that the gate has let in: routes ask for the caller again, and must not read the database again. */
const callers = new WeakMap<Request, ApiCaller>();

export function rememberCaller(request: Request, caller: ApiCaller): void {
  callers.set(request, caller);
}

export function rememberedCaller(request: Request): ApiCaller | null {
  return callers.get(request) ?? null;
}
