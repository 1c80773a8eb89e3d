import { ServiceError } from "../platform/errors.ts";
import type { ApiCaller } from "../sites/api-caller.ts";

/** A person's decision: who, and why. A rule has no actor. */
export type Decision = { note: string; actor: string };

type Deciding = Pick<ApiCaller, "by" | "actor">;

/** What a key may not call itself: only somebody who is signed in is a person, only the key's own name is the key's. */
const RESERVED = /^\s*(?:person|key)\s*:/i;

/**
 * Who decides, for the history. A key's request may name somebody; without, it is `key:<name>`. A signed-in person is always `person:<name>`.
 * @throws ServiceError `invalid_request` if a key claims to be a person or another key
 */
export function actorOf(caller: Deciding, named: string | undefined): string {
  if (caller.by === "person" || named === undefined) return caller.actor;
  const message = "must not begin with person: or key:";
  if (RESERVED.test(named))
    throw new ServiceError("invalid_request", { errors: [{ field: "actor", message }], detail: `actor ${message}` });
  return named;
}

/** Of a request, as the history keeps it. */
export function decisionOf({ reason, actor }: { reason: string; actor?: string | undefined }, caller: Deciding): Decision {
  return { note: reason, actor: actorOf(caller, actor) };
}
