/** The token store of a single process, used without Redis and in tests. */
import type { SharedTokenStore, StoredToken } from "./access-token.ts";

/** `now`: UTC milliseconds. */
export function createMemoryTokenStore(now: () => number): SharedTokenStore {
  const tokens = new Map<string, { stored: StoredToken; goneAtMs: number }>();
  const locks = new Map<string, { owner: symbol; goneAtMs: number }>();
  return {
    async read(key) {
      const entry = tokens.get(key);
      if (!entry) return null;
      if (entry.goneAtMs > now()) return entry.stored;
      tokens.delete(key);
      return null;
    },
    async write(key, stored, ttlMs) {
      tokens.set(key, { stored, goneAtMs: now() + ttlMs });
    },
    async acquireLock(key, ttlMs) {
      const held = locks.get(key);
      if (held && held.goneAtMs > now()) return null;
      const owner = Symbol(key);
      locks.set(key, { owner, goneAtMs: now() + ttlMs });
      return async () => {
        // An expired lock may belong to another caller by now.
        if (locks.get(key)?.owner === owner) locks.delete(key);
      };
    },
  };
}
