/** Callbacks that led to nothing, for the operator and for a site's owner. Bodies stay in the table: they hold phone numbers. */
import type { Knex } from "knex";
import { z } from "zod";
import type { Verdict } from "../store/callback-inbox.ts";
import type { Decision } from "../decision.ts";
import { listedCallbackStatuses, type OwnerCallback } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import { readPage, pageShape, toPage, type Page } from "../../platform/page.ts";
import { filterShape, whereBetween } from "./list-filters.ts";
import { callbacksOf, type SiteScope } from "./site-scope.ts";

export type CallbackList = {
  /** Unverified, unmatched, set aside, or not processed yet; newest first. `scope` null: of all sites. */
  page(scope: SiteScope | null, query: CallbacksQuery): Promise<Page<OwnerCallback>>;
  /** Has a running copy process it once more, whatever came of it before. Returns whether it exists. */
  replay(scope: SiteScope | null, callbackId: string, claim?: IdempotencyClaim | null): Promise<boolean>;
  /**
   * A person has looked at it, and nothing is to be done: it is no longer listed. Not one that waits to be processed: it may report money. Returns
   * whether it was listed.
   */
  dismiss(
    scope: SiteScope | null,
    callbackId: string,
    decision: Decision & { atMs: number; claim?: IdempotencyClaim | null },
  ): Promise<boolean>;
};

const NOTE_MAX = 500;
const LISTED = ["unverified", "unmatched", "unprocessable"] as const satisfies Verdict[];

export const callbacksQuerySchema = z.strictObject({
  status: z.enum(listedCallbackStatuses).optional(),
  receipt: filterShape.receipt,
  from: filterShape.from,
  to: filterShape.to,
  ...pageShape,
});
export type CallbacksQuery = z.infer<typeof callbacksQuerySchema>;

const rowSchema = z.object({
  id: z.string(),
  received_at: z.number(),
  kind: z.string(),
  verdict: z.enum(LISTED).nullable(),
  receipt: z.string().nullable(),
  note: z.string().nullable(),
  tries: z.number(),
});

export function createCallbackList({ knex }: Database): CallbackList {
  /** With the key of the request, so that a repetition finds it done. Returns whether there was one. */
  const change = (
    { scope, callbackId, claim = null }: { scope: SiteScope | null; callbackId: string; claim?: IdempotencyClaim | null | undefined },
    set: object,
    narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder = (query) => query,
  ): Promise<boolean> =>
    knex.transaction(async (trx) => {
      const changed: number = await narrow(callbacksOf(trx, trx("callbacks").where({ id: callbackId }), scope)).update(set);
      if (changed > 0) await noteClaim(trx, claim, callbackId);
      return changed > 0;
    });
  return {
    async page(scope, { status, receipt, from, to, ...wish }) {
      const query = knex("callbacks").andWhere((open) => {
        if (status === undefined || status === "waiting") void open.whereNull("processed_at");
        // An index has those that are listed, and no others.
        if (status === undefined) void open.orWhere((listed) => void listed.where({ listed: 1 }).whereIn("verdict", LISTED));
        else if (status !== "waiting") void open.where({ listed: 1, verdict: status });
      });
      if (receipt !== undefined) void query.where({ receipt });
      whereBetween(query, "received_at", { from, to });
      void query.select("id", "received_at", "kind", "verdict", "receipt", "note", "tries");
      const rows = await readPage(callbacksOf(knex, query, scope), { at: "received_at", id: "id" }, wish);
      return toPage(z.array(rowSchema).parse(rows), wish.limit, ({ received_at, id }) => ({ atMs: received_at, id }), toOwnerCallback);
    },
    replay: (scope, callbackId, claim) =>
      change({ scope, callbackId, claim }, { processed_at: null, verdict: null, next_try_at: null, tries: 0 }),
    dismiss(scope, callbackId, { actor, note, atMs, claim }) {
      const verdict: Verdict = "dismissed";
      const dismissed = { verdict, note: `${actor}: ${note}`.slice(0, NOTE_MAX), processed_at: atMs };
      return change({ scope, callbackId, claim }, dismissed, (query) => query.whereIn("verdict", LISTED));
    },
  };
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
