import { expect, test } from "vitest";
import { createAccessTokens } from "./access-token.ts";
import { createMemoryTokenStore } from "./memory-token-store.ts";
import { TokenError, readTokenReply } from "./oauth-reply.ts";
import { readRecordings } from "../../../e2e/recordings/read-recordings.ts";
import type { AccessTokens, SharedTokenStore } from "./access-token.ts";
import type { FetchedToken } from "./oauth-reply.ts";

const credentials = { consumerKey: "key", consumerSecret: "secret", shortcode: "174379", passkey: "passkey" };
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const WAIT_MS = 5_000;

type World = {
  nowMs: number;
  fetches: number;
  fetch: () => Promise<FetchedToken>;
  store: SharedTokenStore;
  copy(store?: SharedTokenStore, realm?: string): AccessTokens;
};

/** Copies of the service that share a store, and a Safaricom that issues `token-1`, `token-2`, … */
function world(): World {
  const made: World = {
    nowMs: 1_000_000,
    fetches: 0,
    fetch: async () => ({ token: `token-${made.fetches}`, lifetimeMs: 3_599_000 }),
    store: createMemoryTokenStore(() => made.nowMs),
    copy: (store = made.store, realm = "https://sandbox.example") =>
      createAccessTokens({
        store,
        fetchToken: () => {
          made.fetches += 1;
          return made.fetch();
        },
        fetchTimeoutMs: 1_000,
        now: () => made.nowMs,
        logger,
        realm,
      }),
  };
  return made;
}

test("many copies and many calls: one fetch", async () => {
  const all = world();
  const copies = Array.from({ length: 8 }, () => all.copy());
  const tokens = await Promise.all(copies.flatMap((tokensOf) => Array.from({ length: 5 }, () => tokensOf.get(credentials, WAIT_MS))));
  expect(new Set(tokens)).toEqual(new Set(["token-1"]));
  expect(all.fetches).toBe(1);
});

test("one copy refreshes the token a minute before it expires", async () => {
  const all = world();
  const [one, two] = [all.copy(), all.copy()];
  expect(await one.get(credentials, WAIT_MS)).toBe("token-1");
  all.nowMs += 3_538_000;
  expect(await two.get(credentials, WAIT_MS)).toBe("token-1");
  all.nowMs += 1_001;
  expect(await one.get(credentials, WAIT_MS)).toBe("token-2");
  expect(await two.get(credentials, WAIT_MS)).toBe("token-2");
  expect(all.fetches).toBe(2);
});

test("if all copies get a refusal at once, one fetches and all use the new token", async () => {
  const all = world();
  const copies = Array.from({ length: 6 }, () => all.copy());
  for (const copy of copies) await copy.get(credentials, WAIT_MS);
  const renewed = await Promise.all(copies.flatMap((copy) => [1, 2, 3].map(() => copy.refused(credentials, "token-1", WAIT_MS))));
  expect(new Set(renewed)).toEqual(new Set(["token-2"]));
  expect(all.fetches).toBe(2);
});

test("another copy's newer token is used without a fetch", async () => {
  const all = world();
  const [one, two] = [all.copy(), all.copy()];
  await one.get(credentials, WAIT_MS);
  await two.get(credentials, WAIT_MS);
  await one.refused(credentials, "token-1", WAIT_MS);
  expect(await two.refused(credentials, "token-1", WAIT_MS)).toBe("token-2");
  expect(all.fetches).toBe(2);
});

test("uses a token that another copy wrote between our read and our lock", async () => {
  const all = world();
  const store: SharedTokenStore = {
    ...all.store,
    acquireLock: async (key, ttlMs) => {
      await all.store.write(key, { token: "just-written", expiresAtMs: all.nowMs + 60_000 }, 60_000);
      return all.store.acquireLock(key, ttlMs);
    },
  };
  expect(await all.copy(store).get(credentials, WAIT_MS)).toBe("just-written");
  expect(all.fetches).toBe(0);
});

test("a wrong secret does not get the token of the right one", async () => {
  const all = world();
  const copy = all.copy();
  await copy.get(credentials, WAIT_MS);
  all.fetch = async () => {
    throw new TokenError("wrong_credentials", "no");
  };
  await expect(copy.get({ ...credentials, consumerSecret: "guess" }, WAIT_MS)).rejects.toMatchObject({ kind: "wrong_credentials" });
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-1");
});

test("sandbox and production do not share a token, even with the same credentials and store", async () => {
  const all = world();
  expect(await all.copy().get(credentials, WAIT_MS)).toBe("token-1");
  expect(await all.copy(all.store, "https://production.example").get(credentials, WAIT_MS)).toBe("token-2");
});

test("a copy that died with the lock delays the others only until the lock expires", async () => {
  const all = world();
  const lockedForever: SharedTokenStore = {
    ...all.store,
    acquireLock: async (key, ttlMs) => (all.nowMs < 2_000_000 ? null : all.store.acquireLock(key, ttlMs)),
  };
  const pending = all.copy(lockedForever).get(credentials, WAIT_MS);
  all.nowMs = 2_000_000;
  expect(await pending).toBe("token-1");
});

test("waits for another copy only for a limited time", async () => {
  const all = world();
  const stuck: SharedTokenStore = { ...all.store, acquireLock: async () => null };
  await expect(all.copy(stuck).get(credentials, 120)).rejects.toMatchObject({ kind: "unreachable" });
  expect(all.fetches).toBe(0);
});

const brokenStores: [string, () => Promise<never>][] = [
  ["rejects", () => Promise.reject(new Error("ECONNREFUSED"))],
  ["hangs", () => new Promise(() => undefined)],
];
test.each(brokenStores)("with a store that %s, the copy fetches its own token without long waits and keeps it", async (_case, broken) => {
  const all = world();
  const copy = all.copy({ read: broken, write: broken, acquireLock: broken });
  const startedMs = performance.now();
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-1");
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-1");
  expect(await copy.refused(credentials, "token-1", WAIT_MS)).toBe("token-2");
  expect(all.fetches).toBe(2);
});

test("a store that fails between lock and write prevents only the sharing", async () => {
  const all = world();
  const copy = all.copy({ ...all.store, write: () => Promise.reject(new Error("gone")) });
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-1");
  expect(await all.copy().get(credentials, WAIT_MS)).toBe("token-2");
});

test("releases a lock that arrives after we stopped waiting", async () => {
  const all = world();
  let arrive = (): void => undefined;
  const late: SharedTokenStore = {
    ...all.store,
    acquireLock: async (key, ttlMs) => {
      await new Promise<void>((resolve) => (arrive = resolve));
      return all.store.acquireLock(key, ttlMs);
    },
  };
  expect(await all.copy(late).get(credentials, WAIT_MS)).toBe("token-1");
  arrive();
  await expect.poll(() => all.copy().get(credentials, WAIT_MS)).toBe("token-2");
});

test("ignores an older token that a slow copy wrote to the store", async () => {
  const all = world();
  const readable = { ...all.store };
  const copy = all.copy(readable);
  await copy.get(credentials, WAIT_MS);
  // Redis goes down, the copy renews by itself, Redis comes back with the old token.
  readable.read = () => Promise.reject(new Error("gone"));
  all.nowMs += 3_539_500;
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-2");
  readable.read = async () => ({ token: "token-1", expiresAtMs: all.nowMs + 60_000 });
  expect(await copy.refused(credentials, "token-2", WAIT_MS)).toBe("token-3");
});

test("uses the old token in its last minute while Safaricom issues no new one", async () => {
  const all = world();
  const copy = all.copy();
  await copy.get(credentials, WAIT_MS);
  all.nowMs += 3_560_000;
  all.fetch = async () => {
    throw new TokenError("unreachable", "503");
  };
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-1");
  await expect(copy.refused(credentials, "token-1", WAIT_MS)).rejects.toMatchObject({ kind: "unreachable" });
  all.nowMs += 60_000;
  await expect(copy.get(credentials, WAIT_MS)).rejects.toMatchObject({ kind: "unreachable" });
});

test("does not cache a failed fetch", async () => {
  const all = world();
  const copy = all.copy();
  const good = all.fetch;
  all.fetch = async () => {
    throw new TokenError("unreachable", "503");
  };
  await expect(copy.get(credentials, WAIT_MS)).rejects.toThrow("503");
  all.fetch = good;
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-2");
});

test("renew() fetches even with a valid token, and the other copies get the new one", async () => {
  const all = world();
  const [one, two] = [all.copy(), all.copy()];
  await two.get(credentials, WAIT_MS);
  expect(await one.renew(credentials, WAIT_MS)).toBe("token-2");
  expect(await two.refused(credentials, "token-1", WAIT_MS)).toBe("token-2");
  expect(all.fetches).toBe(2);
});

test("uses a short-lived token for half its lifetime", async () => {
  const all = world();
  const copy = all.copy();
  all.fetch = async () => ({ token: `token-${all.fetches}`, lifetimeMs: 10_000 });
  await copy.get(credentials, WAIT_MS);
  all.nowMs += 4_999;
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-1");
  all.nowMs += 2;
  expect(await copy.get(credentials, WAIT_MS)).toBe("token-2");
});

test("parses the token endpoint's replies", () => {
  const [good, ...bad] = readRecordings("oauth-");
  expect(readTokenReply(200, good?.text ?? "")).toEqual({ token: "c9SQxWWhmdVRlyh0zh8gZDTkubVF", lifetimeMs: 3_599_000 });
  expect(readTokenReply(200, '{"access_token":"t","expires_in":3599}')).toEqual({ token: "t", lifetimeMs: 3_599_000 });
  for (const life of ["", '"soon"', "-1", "null", "1e999"]) {
    expect(readTokenReply(200, `{"access_token":"t"${life && `,"expires_in":${life}`}}`).lifetimeMs).toBe(600_000);
  }
  const kindOf = (status: number, text: string) => {
    try {
      readTokenReply(status, text);
      return "token";
    } catch (error) {
      return error instanceof TokenError ? error.kind : "another error";
    }
  };
  expect(bad.map(({ http, text }) => kindOf(http ?? 0, text))).toEqual(["wrong_credentials", "wrong_credentials"]);
  expect(kindOf(400, "")).toBe("wrong_credentials");
  expect(kindOf(401, "")).toBe("wrong_credentials");
  for (const [status, text] of [
    [400, "<html>"],
    [500, ""],
    [503, "<html>"],
    [429, ""],
    [200, ""],
    [200, "{}"],
    [200, '{"access_token":""}'],
  ] as const) {
    expect(kindOf(status, text)).toBe("unreachable");
  }
  expect(kindOf(200, '{"access_token":"line\\r\\nbreak"}')).toBe("unreachable");
});
