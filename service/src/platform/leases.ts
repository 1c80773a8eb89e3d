import { z } from "zod";
import type { Clock } from "./clock.ts";
import { uniqueViolation, type Database } from "./database.ts";

/** The right to do something that only one copy may do. It expires, because its holder may die at any time. */
export type Leases = {
  /** Takes or renews the lease for `durationMs`; false if another holder has it. */
  acquire(name: string, durationMs: number): Promise<boolean>;
  /** Takes the lease only if nobody holds it, not even this holder: for something that may happen once per `durationMs`. */
  takeTurn(name: string, durationMs: number): Promise<boolean>;
  /** Which of these nobody holds, the one that is free for the longest first. */
  free(names: readonly string[]): Promise<string[]>;
  release(name: string): Promise<void>;
};

const untilRowsSchema = z.array(z.object({ name: z.string(), until: z.number() }));

/** Pure: `Leases.free`. */
export function freeFirst(names: readonly string[], untilOf: (name: string) => number, nowMs: number): string[] {
  return names.filter((name) => untilOf(name) <= nowMs).toSorted((left, right) => untilOf(left) - untilOf(right));
}

export function createLeases({ knex }: Database, holder: string, now: Clock): Leases {
  const take = async (name: string, durationMs: number, alsoOwn: boolean): Promise<boolean> => {
    const at = now();
    const lease = { holder, until: at + durationMs };
    const taken = await knex("leases")
      .where({ name })
      .andWhere((free) => {
        void free.where("until", "<=", at);
        if (alsoOwn) void free.orWhere({ holder });
      })
      .update(lease);
    if (taken > 0) return true;
    try {
      await knex("leases").insert({ name, ...lease });
      return true;
    } catch (error) {
      if (uniqueViolation(error) !== null) return false;
      throw error;
    }
  };
  return {
    acquire: (name, durationMs) => take(name, durationMs, true),
    takeTurn: (name, durationMs) => take(name, durationMs, false),
    async free(names) {
      const rows = untilRowsSchema.parse(
        await knex("leases")
          .whereIn("name", [...names])
          .select("name", "until"),
      );
      const until = new Map(rows.map((row) => [row.name, row.until]));
      return freeFirst(names, (name) => until.get(name) ?? 0, now());
    },
    release: async (name) => void (await knex("leases").where({ name, holder }).update({ until: 0 })),
  };
}
