/** A person's decision: who, and why. A rule has no actor. */
export type Decision = { note: string; actor: string };

/** The actor of a request with a secret key that names nobody. */
export const OWNERS_SERVER = "the owner's server";

/** Of a request, as the history keeps it. */
export function decisionOf({ reason, actor }: { reason: string; actor?: string | undefined }): Decision {
  return { note: reason, actor: actor ?? OWNERS_SERVER };
}
