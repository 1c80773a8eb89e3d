import type { Clock } from "../platform/clock.ts";
import type { ApiKeyStore } from "./api-key-store.ts";

/** When each secret key was last used. A request only notes it in memory; the table is written once in a while, a row for each key in use. */
export type KeyUses = {
  note(keyId: string): void;
  /** Writes what was noted since. If that fails, it is tried again with the next. */
  write(): Promise<void>;
};

export function createKeyUses({ keys, now }: { keys: Pick<ApiKeyStore, "noteUses">; now: Clock }): KeyUses {
  let noted = new Map<string, number>();
  return {
    note: (keyId) => void noted.set(keyId, now()),
    async write() {
      if (noted.size === 0) return;
      const uses = noted;
      noted = new Map();
      try {
        await keys.noteUses(uses);
      } catch (error) {
        noted = new Map([...uses, ...noted]);
        throw error;
      }
    },
  };
}
