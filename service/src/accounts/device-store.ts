import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "../platform/database.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";

/** Long enough for a teacher's long holiday. */
export const DEVICE_LIFE_MS = 180 * 24 * 60 * 60_000;
/** Phones, school computers, new browsers. The one that signed in longest ago goes first. */
const DEVICES_OF_A_PERSON_MAX = 20;

export type DeviceStore = {
  /** The id of the browser, if this person has signed in with it. `personId` null (nobody has that address) takes as long. */
  find(token: string | null, personId: string | null, nowMs: number): Promise<string | null>;
  /** Remembers that a person has signed in. Returns the browser's token: the one that it has, if somebody has signed in with that before. */
  remember(trx: Knex.Transaction, token: string | null, personId: string, nowMs: number): Promise<string>;
  forgetAll(trx: Knex.Transaction, personId: string): Promise<void>;
  forget(nowMs: number): Promise<void>;
};

const idRows = z.array(z.object({ id: z.string() }));

export function createDeviceStore({ knex }: Database, ids: Ids): DeviceStore {
  const ofToken = (on: Knex, token: string, nowMs: number): Knex.QueryBuilder =>
    on("known_devices")
      .where({ token_hash: hashSecret(token) })
      .andWhere("expires_at", ">", nowMs);
  return {
    async find(token, personId, nowMs) {
      if (token === null) return null;
      const found = idRows.parse(
        await ofToken(knex, token, nowMs)
          .andWhere({ person_id: personId ?? "" })
          .select("id"),
      );
      return found[0]?.id ?? null;
    },
    async remember(trx, token, personId, nowMs) {
      // Only a token that we made: nobody else must choose what a browser is known by.
      const isOurs = token !== null && idRows.parse(await ofToken(trx, token, nowMs).limit(1).select("id")).length > 0;
      const kept = isOurs ? token : ids.secret();
      const hash = hashSecret(kept);
      const expiry = { expires_at: nowMs + DEVICE_LIFE_MS };
      const known = await trx("known_devices").where({ token_hash: hash, person_id: personId }).update(expiry);
      if (known === 0) await trx("known_devices").insert({ id: ids.next("dev"), person_id: personId, token_hash: hash, ...expiry });
      const all = idRows.parse(await trx("known_devices").where({ person_id: personId }).orderBy("expires_at", "desc").select("id"));
      const tooMany = all.slice(DEVICES_OF_A_PERSON_MAX).map(({ id }) => id);
      if (tooMany.length > 0) await trx("known_devices").whereIn("id", tooMany).delete();
      return kept;
    },
    forgetAll: async (trx, personId) => void (await trx("known_devices").where({ person_id: personId }).delete()),
    forget: async (nowMs) => void (await knex("known_devices").where("expires_at", "<=", nowMs).delete()),
  };
}
