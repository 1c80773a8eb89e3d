import { OWNERS_SERVER, type Decision } from "../record-outcome.ts";

/** Who decided and why, as the history keeps it. */
export function decisionOf({ reason, actor }: { reason: string; actor?: string | undefined }): Decision {
  return { note: reason, actor: actor ?? OWNERS_SERVER };
}
