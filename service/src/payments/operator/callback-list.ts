/** Callbacks that led to nothing, for the operator and for a site's owner. Bodies stay in the table: they hold phone numbers. */
import type { Knex } from "knex";
import { z } from "zod";
import type { OwnerCallback } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import type { Verdict } from "../store/callback-inbox.ts";
import type { Decision } from "../record-outcome.ts";
import { callbacksOf, type SiteScope } from "./site-scope.ts";

export type CallbackList = {
  /** Unverified, unmatched, set aside, or not processed yet; newest first, at most 200. `scope` null: of all sites. */
  list(scope: SiteScope | null): Promise<OwnerCallback[]>;
  /** Has a running copy process it once more, whatever came of it before. Returns whether it exists. */
  replay(scope: SiteScope | null, callbackId: string): Promise<boolean>;
  /**
   * A person has looked at it, and nothing is to be done: it is no longer listed. Not one that waits to be processed: it may report money. Returns
   * whether it was listed.
   */
  dismiss(scope: SiteScope | null, callbackId: string, decision: Decision & { atMs: number }): Promise<boolean>;
};

const LIST_MAX = 200;
const NOTE_MAX = 500;
const LISTED: Verdict[] = ["unverified", "unmatched", "unprocessable"];

const rowSchema = z.object({
  id: z.string(),
  received_at: z.number(),
  kind: z.string(),
  verdict: z.string().nullable(),
  receipt: z.string().nullable(),
  note: z.string().nullable(),
  tries: z.number(),
});

export function createCallbackList({ knex }: Database): CallbackList {
  return {
    async list(scope) {
      const rows: unknown = await callbacksOf(knex, listed(knex), scope)
        .orderBy("received_at", "desc")
        .limit(LIST_MAX)
        .select("id", "received_at", "kind", "verdict", "receipt", "note", "tries");
      return z.array(rowSchema).parse(rows).map(toOwnerCallback);
    },
    async replay(scope, callbackId) {
      const unprocessed = { processed_at: null, verdict: null, next_try_at: null, tries: 0 };
      return (await callbacksOf(knex, knex("callbacks").where({ id: callbackId }), scope).update(unprocessed)) > 0;
    },
    async dismiss(scope, callbackId, { actor, note, atMs }) {
      const verdict: Verdict = "dismissed";
      const dismissed = { verdict, note: `${actor}: ${note}`.slice(0, NOTE_MAX), processed_at: atMs };
      return (await callbacksOf(knex, knex("callbacks").where({ id: callbackId }).whereIn("verdict", LISTED), scope).update(dismissed)) > 0;
    },
  };
}

function listed(knex: Knex): Knex.QueryBuilder {
  return knex("callbacks").andWhere((open) => {
    void open.whereNull("processed_at").orWhereIn("verdict", LISTED);
  });
}

function toOwnerCallback({ id, received_at, kind, verdict, receipt, note, tries }: z.infer<typeof rowSchema>): OwnerCallback {
  return {
    callbackId: id,
    kind,
    status: verdict ?? "waiting",
    receivedAt: received_at,
    ...(receipt !== null && { receipt }),
    ...(note !== null && { note }),
    ...(tries > 0 && { tries }),
  };
}
