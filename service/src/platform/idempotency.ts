import { createHash } from "node:crypto";
import type { Knex } from "knex";
import { z } from "zod";
import type { Clock } from "./clock.ts";
import { uniqueViolation, type Database } from "./database.ts";
import { ServiceError } from "./errors.ts";

/** A holder that has not answered for this long counts as dead, so all work under a key must finish sooner. */
export const HOLDER_DEAD_AFTER_MS = 10_000;
const KEY_MAX = 200;

/** A key in use by this request. What the request commits is recorded under the key in the same transaction. */
export type IdempotencyClaim = { scope: string; key: string };

/** `retryAfterMs` becomes the `Retry-After` header. */
export type Answer = { status: number; body: unknown; retryAfterMs?: number };

export type IdempotencyKeys = {
  /**
   * `fresh`: do the work. `resume`: the first holder died; `resourceId` is what it committed, or null.
   * `replay`: the first request's answer.
   * @throws ServiceError `idempotency_conflict` (another body), `idempotency_in_progress` (the first is still running)
   */
  claim(
    claim: IdempotencyClaim,
    requestHash: string,
  ): Promise<{ kind: "fresh" } | { kind: "resume"; resourceId: string | null } | { kind: "replay"; answer: Answer }>;
  /** Stores the answer, to be replayed for this key. */
  complete(claim: IdempotencyClaim, answer: Answer): Promise<void>;
  /** Frees the key if nothing was committed under it; otherwise leaves it unchanged. */
  release(claim: IdempotencyClaim): Promise<void>;
  /** Deletes keys older than `beforeMs`. */
  forget(beforeMs: number): Promise<number>;
};

const rowSchema = z.object({
  request_hash: z.string(),
  resource_id: z.string().nullable(),
  response_status: z.number().nullable(),
  response_body: z.string().nullable(),
  locked_until: z.number(),
});

const answerSchema = z
  .object({ status: z.number(), body: z.unknown(), retryAfterMs: z.number().optional() })
  .transform(({ retryAfterMs, ...answer }): Answer => (retryAfterMs === undefined ? answer : { ...answer, retryAfterMs }));

export function createIdempotencyKeys({ knex }: Database, now: Clock): IdempotencyKeys {
  const row = ({ scope, key }: IdempotencyClaim) => knex("idempotency_keys").where({ scope, idempotency_key: key });

  return {
    async claim(claim, requestHash) {
      const lockedUntil = now() + HOLDER_DEAD_AFTER_MS;
      try {
        await knex("idempotency_keys").insert({
          scope: claim.scope,
          idempotency_key: claim.key,
          request_hash: requestHash,
          locked_until: lockedUntil,
          created_at: now(),
        });
        return { kind: "fresh" };
      } catch (error) {
        if (uniqueViolation(error) === null) throw error;
      }
      const found = rowSchema.optional().parse(await row(claim).first());
      // Released between the two statements: the caller retries and is then the first.
      if (!found) throw new ServiceError("idempotency_in_progress", { retryAfterMs: 1_000 });
      if (found.request_hash !== requestHash) throw new ServiceError("idempotency_conflict");
      if (found.response_status !== null) {
        return { kind: "replay", answer: answerSchema.parse(JSON.parse(found.response_body ?? "null")) };
      }
      const taken =
        found.locked_until <= now()
          ? await row(claim).where({ locked_until: found.locked_until }).update({ locked_until: lockedUntil })
          : 0;
      if (taken === 0) throw new ServiceError("idempotency_in_progress", { retryAfterMs: 1_000 });
      return { kind: "resume", resourceId: found.resource_id };
    },
    complete: async (claim, answer) =>
      void (await row(claim).update({ response_status: answer.status, response_body: JSON.stringify(answer) })),
    release: async (claim) => void (await row(claim).whereNull("resource_id").whereNull("response_status").delete()),
    forget: async (beforeMs) => knex("idempotency_keys").where("created_at", "<", beforeMs).delete(),
  };
}

/** Records what was done under a key, in the same transaction, so that a repetition finds it even if this process dies. */
export async function noteClaim(trx: Knex.Transaction, claim: IdempotencyClaim | null, resourceId: string): Promise<void> {
  if (claim) await trx("idempotency_keys").where({ scope: claim.scope, idempotency_key: claim.key }).update({ resource_id: resourceId });
}

/** @throws ServiceError if the header is not one short line of visible ASCII */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = header.trim();
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= KEY_MAX) return key;
  const message = `must be 1 to ${KEY_MAX} visible ASCII characters`;
  throw new ServiceError("invalid_request", { errors: [{ field: "Idempotency-Key", message }], detail: `Idempotency-Key ${message}` });
}

/** Equal for equivalent bodies: the order of members and white space do not matter. `body` is already parsed. */
export function hashRequest(body: { [member: string]: unknown }): string {
  const members = Object.entries(body).filter(([, value]) => value !== undefined);
  return createHash("sha256")
    .update(JSON.stringify(members.toSorted(([left], [right]) => (left < right ? -1 : 1))))
    .digest("hex");
}

/**
 * Runs `work` at most once per key and replays its answer to every repetition. Without a key it just runs.
 * @param work receives what a first caller that died had committed, or null
 */
export async function answerOnce(
  keys: IdempotencyKeys,
  claim: IdempotencyClaim | null,
  requestHash: string,
  work: (committed: string | null) => Promise<Answer>,
): Promise<Answer> {
  if (!claim) return work(null);
  const claimed = await keys.claim(claim, requestHash);
  if (claimed.kind === "replay") return claimed.answer;
  try {
    const answer = await work(claimed.kind === "resume" ? claimed.resourceId : null);
    await keys.complete(claim, answer);
    return answer;
  } catch (error) {
    // If the database failed, the key expires by itself. The caller must get the original error.
    await keys.release(claim).catch(() => undefined);
    throw error;
  }
}
