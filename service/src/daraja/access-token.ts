/**
 * One access token for all copies of the service. Each new token from Safaricom invalidates the one before, so copies that fetch their own
 * would invalidate each other's. One copy fetches, under a lock in the shared store, and the others wait for the token that it writes.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { TokenError } from "./oauth-reply.ts";
import type { DarajaCredentials, DarajaLogger } from "./daraja-types.ts";
import type { FetchedToken } from "./oauth-reply.ts";

export type StoredToken = { token: string; expiresAtMs: number };

/** The store that the copies share. Any call may reject or hang; the callers here handle both. */
export type SharedTokenStore = {
  read(key: string): Promise<StoredToken | null>;
  write(key: string, token: StoredToken, ttlMs: number): Promise<void>;
  /** Null if another copy holds the lock, otherwise the function that releases it. */
  acquireLock(key: string, ttlMs: number): Promise<null | (() => Promise<void>)>;
};

export type AccessTokensOptions = {
  store: SharedTokenStore;
  /** Fetches a token from Safaricom. Rejects with TokenError; must settle within `fetchTimeoutMs`. */
  fetchToken(credentials: DarajaCredentials): Promise<FetchedToken>;
  /** How long `fetchToken` may take. */
  fetchTimeoutMs: number;
  /** UTC milliseconds. */
  now(): number;
  logger: DarajaLogger;
  /** Separates services that share a store but not a Daraja address, such as sandbox and production. */
  realm: string;
};

/** All three reject with TokenError if no token arrives within `waitMs`; the fetch itself continues for the next caller. */
export type AccessTokens = {
  get(credentials: DarajaCredentials, waitMs: number): Promise<string>;
  /** After Safaricom refused `token`: returns a newer one from another copy if there is one, otherwise fetches one. */
  refused(credentials: DarajaCredentials, token: string, waitMs: number): Promise<string>;
  /** Fetches a new token, to prove that the credentials are right; the other copies get it too. */
  renew(credentials: DarajaCredentials, waitMs: number): Promise<string>;
};

/** A token must not expire while a push is on its way, and the copies' clocks differ by seconds. */
const REFRESH_EARLY_MS = 60_000;
/** Redis answers within a millisecond; if it takes this long, it counts as down for this token. */
const STORE_TIMEOUT_MS = 300;
/** How often a waiting copy checks for the token that another copy is fetching. */
const WAIT_STEP_MS = 50;
/** Added to the fetch timeout: a lock holder that died delays the others no longer than that. */
const LOCK_MARGIN_MS = 1_000;
/** Tokens live for an hour, so only the last few can still turn up anywhere. */
const DEAD_KEPT = 8;

class StoreDown extends Error {}

export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { store, now, logger } = options;
  const lockMs = options.fetchTimeoutMs + LOCK_MARGIN_MS;
  const known = new Map<string, StoredToken>();
  const underWay = new Map<string, Promise<StoredToken>>();
  const dead = new Map<string, string[]>();

  /** The secret is part of the key: a wrong secret must never get the token of the right one. */
  function keyOf({ consumerKey, consumerSecret }: DarajaCredentials): string {
    return createHash("sha256")
      .update(JSON.stringify([options.realm, consumerKey, consumerSecret]))
      .digest("hex");
  }

  /** Marks a refused or replaced token as dead: never used again, even if a slower copy writes it to the shared store. */
  function bury(key: string, token: string | undefined): void {
    if (token !== undefined && !isDead(key, token)) dead.set(key, [token, ...(dead.get(key) ?? [])].slice(0, DEAD_KEPT));
  }

  function isDead(key: string, token: string): boolean {
    return dead.get(key)?.includes(token) ?? false;
  }

  function usable(key: string, stored: StoredToken | null | undefined): stored is StoredToken {
    return stored !== null && stored !== undefined && stored.expiresAtMs > now() && !isDead(key, stored.token);
  }

  async function fetchOwn(key: string, credentials: DarajaCredentials): Promise<StoredToken> {
    const { token, lifetimeMs } = await options.fetchToken(credentials);
    const stored = { token, expiresAtMs: now() + lifetimeMs - Math.min(REFRESH_EARLY_MS, lifetimeMs / 2) };
    const before = known.get(key)?.token;
    if (before !== token) bury(key, before);
    known.set(key, stored);
    return stored;
  }

  /** One copy fetches. A copy without the lock checks again until the token is there or the lock is free. */
  async function fetchShared(key: string, credentials: DarajaCredentials): Promise<StoredToken> {
    const giveUpAtMs = performance.now() + lockMs + options.fetchTimeoutMs;
    while (performance.now() < giveUpAtMs) {
      const shared = await bounded(store.read(key));
      if (usable(key, shared)) return shared;
      const release = await takeLock(key);
      if (release) {
        try {
          // Another copy may have written it between our read and our lock.
          const written = await bounded(store.read(key));
          if (usable(key, written)) return written;
          const fetched = await fetchOwn(key, credentials);
          await bounded(store.write(key, fetched, Math.max(1, fetched.expiresAtMs - now()))).catch(noteStoreDown);
          return fetched;
        } finally {
          await bounded(release()).catch(noteStoreDown);
        }
      }
      await delay(WAIT_STEP_MS);
    }
    throw new TokenError("unreachable", "another copy did not get an access token in time");
  }

  async function takeLock(key: string): Promise<null | (() => Promise<void>)> {
    const taking = store.acquireLock(key, lockMs);
    try {
      return await bounded(taking);
    } catch (error) {
      // If the lock arrives after we stopped waiting, release it. Otherwise the other copies wait for nobody.
      void taking.then((release) => release?.()).catch(noteStoreDown);
      throw error;
    }
  }

  function noteStoreDown(error: unknown): void {
    logger.warn({ problem: error instanceof Error ? error.message : String(error) }, "token store unavailable");
  }

  async function obtain(key: string, credentials: DarajaCredentials): Promise<StoredToken> {
    try {
      const token = await fetchShared(key, credentials);
      known.set(key, token);
      return token;
    } catch (error) {
      if (error instanceof StoreDown) {
        noteStoreDown(error);
        return fetchOwn(key, credentials);
      }
      // Our current token is in its last minute but still valid.
      const last = known.get(key);
      const inLastMinute = last && last.expiresAtMs + REFRESH_EARLY_MS > now() && !isDead(key, last.token);
      if (inLastMinute && error instanceof TokenError && error.kind === "unreachable") return last;
      throw error;
    }
  }

  /** One fetch at a time per key: concurrent callers share its result. */
  async function obtainOnce(key: string, credentials: DarajaCredentials): Promise<StoredToken> {
    const running = underWay.get(key);
    if (running) {
      const token = await running;
      if (!isDead(key, token.token)) return token;
    }
    const again = underWay.get(key);
    if (again) return again;
    const mine = obtain(key, credentials).finally(() => underWay.delete(key));
    underWay.set(key, mine);
    return mine;
  }

  async function get(credentials: DarajaCredentials, waitMs: number): Promise<string> {
    const key = keyOf(credentials);
    const mine = known.get(key);
    return usable(key, mine) ? mine.token : within(obtainOnce(key, credentials), waitMs);
  }

  async function refused(credentials: DarajaCredentials, token: string, waitMs: number): Promise<string> {
    bury(keyOf(credentials), token);
    return get(credentials, waitMs);
  }

  async function renew(credentials: DarajaCredentials, waitMs: number): Promise<string> {
    const key = keyOf(credentials);
    const shared = await bounded(store.read(key)).catch(() => null);
    bury(key, shared?.token);
    bury(key, known.get(key)?.token);
    return get(credentials, waitMs);
  }

  return { get, refused, renew };
}

/** Returns the call's result, or throws StoreDown if it rejects or takes too long. */
async function bounded<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreDown(`no answer within ${STORE_TIMEOUT_MS} ms`)), STORE_TIMEOUT_MS);
  });
  const failed = call.catch((error: unknown): never => {
    throw new StoreDown(error instanceof Error ? error.message : "rejected");
  });
  try {
    return await Promise.race([failed, tooLong]);
  } finally {
    clearTimeout(timer);
    failed.catch(() => undefined);
  }
}

async function within(obtaining: Promise<StoredToken>, waitMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TokenError("unreachable", `no access token within ${Math.round(waitMs)} ms`)), waitMs);
  });
  try {
    return (await Promise.race([obtaining, tooLong])).token;
  } finally {
    clearTimeout(timer);
    obtaining.catch(() => undefined);
  }
}
