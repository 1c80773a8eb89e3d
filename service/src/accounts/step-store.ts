import { z } from "zod";
import type { Knex } from "knex";
import type { Database } from "../platform/database.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";
import { firstOrNull } from "../platform/row-mapper.ts";

/** Time to find the phone and open the app. */
export const STEP_LIFE_MS = 10 * 60_000;
const TRIES_MAX = 5;

/** Sign-ins whose password was right and whose code is awaited. */
export type StepStore = {
  /** Returns the cookie's token. */
  begin(personId: string, nowMs: number): Promise<string>;
  find(token: string, nowMs: number): Promise<{ id: string; personId: string } | null>;
  /** Counts a try, before the code is looked at. false: there were too many. */
  countTry(stepId: string): Promise<boolean>;
  /** Once. false: another request has used it. */
  finish(trx: Knex.Transaction, stepId: string): Promise<boolean>;
  forget(nowMs: number): Promise<void>;
};

const rowSchema = z.object({ id: z.string(), person_id: z.string() }).transform(({ id, person_id: personId }) => ({ id, personId }));

export function createStepStore({ knex }: Database, ids: Ids): StepStore {
  return {
    async begin(personId, nowMs) {
      const token = ids.secret();
      const row = { id: ids.next("step"), person_id: personId, token_hash: hashSecret(token), expires_at: nowMs + STEP_LIFE_MS };
      await knex("sign_in_steps").insert(row);
      return token;
    },
    find: (token, nowMs) =>
      firstOrNull(
        knex("sign_in_steps")
          .where({ token_hash: hashSecret(token) })
          .andWhere("expires_at", ">", nowMs)
          .andWhere("tries", "<", TRIES_MAX),
        rowSchema.parse,
      ),
    countTry: async (id) => (await knex("sign_in_steps").where({ id }).andWhere("tries", "<", TRIES_MAX).increment("tries", 1)) > 0,
    finish: async (trx, id) => (await trx("sign_in_steps").where({ id }).delete()) > 0,
    forget: async (nowMs) => void (await knex("sign_in_steps").where("expires_at", "<=", nowMs).delete()),
  };
}
