import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "../platform/database.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";
import { firstOrNull } from "../platform/row-mapper.ts";

/** Time for a mail to come and be read. */
const RESET_LIFE_MS = 60 * 60_000;

/** Links with which a person chooses a new password. */
export type ResetStore = {
  /** Ends earlier ones. Returns the link's token. */
  begin(trx: Knex.Transaction, personId: string, nowMs: number): Promise<string>;
  find(token: string, nowMs: number): Promise<{ id: string; personId: string } | null>;
  /** Once. false: another request has used it. */
  use(trx: Knex.Transaction, resetId: string): Promise<boolean>;
  endAll(trx: Knex.Transaction, personId: string): Promise<void>;
  forget(nowMs: number): Promise<void>;
};

const rowSchema = z.object({ id: z.string(), person_id: z.string() }).transform(({ id, person_id: personId }) => ({ id, personId }));

export function createResetStore({ knex }: Database, ids: Ids): ResetStore {
  const endAll = async (trx: Knex.Transaction, personId: string): Promise<void> =>
    void (await trx("password_resets").where({ person_id: personId }).delete());
  return {
    async begin(trx, personId, nowMs) {
      await endAll(trx, personId);
      const token = ids.secret();
      const row = { id: ids.next("reset"), person_id: personId, token_hash: hashSecret(token), expires_at: nowMs + RESET_LIFE_MS };
      await trx("password_resets").insert(row);
      return token;
    },
    find: (token, nowMs) =>
      firstOrNull(
        knex("password_resets")
          .where({ token_hash: hashSecret(token) })
          .andWhere("expires_at", ">", nowMs),
        rowSchema.parse,
      ),
    use: async (trx, id) => (await trx("password_resets").where({ id }).delete()) > 0,
    endAll,
    forget: async (nowMs) => void (await knex("password_resets").where("expires_at", "<=", nowMs).delete()),
  };
}
