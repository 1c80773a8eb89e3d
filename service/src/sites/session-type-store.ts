import { z } from "zod";
import type { Database } from "../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../platform/idempotency.ts";
import type { Ids } from "../platform/ids.ts";
import type { SessionType } from "./site.ts";

/** A site's price list. `site add` replaces it with the file's. */
export type SessionTypeStore = {
  /** In the order of the list. */
  list(siteId: string): Promise<SessionType[]>;
  /** Changes the type with this code, or adds it at the end. `full`: the list has as many as it may. Bookings keep the price that they were made with. */
  put(siteId: string, type: SessionType): Promise<"stored" | "full">;
  /** Returns whether there was one. `claim`: noted in the same transaction. */
  remove(siteId: string, code: string, claim?: IdempotencyClaim | null): Promise<boolean>;
};

/** Every page of the owner's site reads the whole list. */
export const SESSION_TYPES_MAX = 200;

const rowSchema = z.object({ code: z.string(), name: z.string(), amount: z.number(), duration_minutes: z.number(), position: z.number() });

export function createSessionTypeStore({ database: { knex }, ids }: { database: Database; ids: Ids }): SessionTypeStore {
  return {
    async list(siteId) {
      const rows = z.array(rowSchema).parse(await knex("session_types").where({ site_id: siteId }).orderBy(["position", "code"]));
      return rows.map(({ code, name, amount, duration_minutes }) => ({ code, name, amountKes: amount, durationMinutes: duration_minutes }));
    },
    put: (siteId, { code, name, amountKes, durationMinutes }) =>
      knex.transaction(async (trx) => {
        // Locks the site's row, so that two new types do not take the same position.
        await trx("sites").where({ id: siteId }).forUpdate().first("id");
        const facts = { name, amount: amountKes, duration_minutes: durationMinutes };
        const rows = z.array(rowSchema).parse(await trx("session_types").where({ site_id: siteId }));
        if (rows.some((row) => row.code === code)) {
          await trx("session_types").where({ site_id: siteId, code }).update(facts);
          return "stored";
        }
        if (rows.length >= SESSION_TYPES_MAX) return "full";
        const position = Math.max(-1, ...rows.map((row) => row.position)) + 1;
        await trx("session_types").insert({ id: ids.next("st"), site_id: siteId, code, position, ...facts });
        return "stored";
      }),
    remove: (siteId, code, claim = null) =>
      knex.transaction(async (trx) => {
        const removed = await trx("session_types").where({ site_id: siteId, code }).delete();
        if (removed > 0) await noteClaim(trx, claim, code);
        return removed > 0;
      }),
  };
}
