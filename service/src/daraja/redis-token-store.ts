/** The token store that all copies of the service share. */
import { randomUUID } from "node:crypto";
import { own, parseObject } from "./untrusted-json.ts";
import type { Cluster, Redis } from "ioredis";
import type { SharedTokenStore } from "./access-token.ts";

const NAMESPACE = "somopay:daraja-token:";

/** Only the holder may release the lock: after it expires, it may belong to another copy. */
const RELEASE_IF_OURS = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0`;

/**
 * Rejects if Redis does; `createAccessTokens` limits the time of each call and works without the store. Keys are `somopay:daraja-token:<key>`
 * and the same with `:lock`.
 */
export function createRedisTokenStore(redis: Pick<Redis | Cluster, "get" | "set" | "eval">): SharedTokenStore {
  return {
    async read(key) {
      const value = parseObject((await redis.get(NAMESPACE + key)) ?? "");
      const token = own(value, "token");
      const expiresAtMs = own(value, "expiresAtMs");
      return typeof token === "string" && typeof expiresAtMs === "number" ? { token, expiresAtMs } : null;
    },
    async write(key, { token, expiresAtMs }, ttlMs) {
      await redis.set(NAMESPACE + key, JSON.stringify({ token, expiresAtMs }), "PX", Math.max(1, Math.ceil(ttlMs)));
    },
    async acquireLock(key, ttlMs) {
      const lockKey = `${NAMESPACE}${key}:lock`;
      const owner = randomUUID();
      const taken = await redis.set(lockKey, owner, "PX", Math.max(1, Math.ceil(ttlMs)), "NX");
      if (taken !== "OK") return null;
      return async () => {
        await redis.eval(RELEASE_IF_OURS, 1, lockKey, owner);
      };
    },
  };
}
