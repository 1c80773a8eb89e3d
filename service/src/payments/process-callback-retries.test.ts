import { describe, expect, it } from "vitest";
import { testClock, testLogger } from "../platform/testing.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { processPendingCallbacks } from "./process-pending-callbacks.ts";
import type { CallbackInbox, PendingCallback, ProcessingResult } from "./store/callback-inbox.ts";
import { START_MS } from "./testing.ts";

const pending = (facts: Partial<PendingCallback> = {}): PendingCallback => ({
  id: "cb_1",
  receivedAtMs: START_MS - 60_000,
  kind: "push",
  secretHash: "hash",
  remoteAddress: "",
  body: JSON.stringify({ kind: "unclear", message: "no reply" }),
  bodyEncoding: "utf8",
  truncated: false,
  tries: 0,
  ...facts,
});

type Retry = Parameters<CallbackInbox["retryLater"]>[1];

/** Only what processing a callback touches before it fails; everything else would be a bug, and throws. */
function under(callbacks: PendingCallback[], findAttempt: () => Promise<null>) {
  const retries = new Map<string, Retry>();
  const results = new Map<string, ProcessingResult>();
  const { logger, lines } = testLogger();
  const clock = testClock(START_MS);
  const inbox = {
    replayJournal: async () => 0,
    unprocessed: async () => callbacks,
    retryLater: async (id: string, next: Retry) => void retries.set(id, next),
    markProcessed: async (id: string, result: ProcessingResult) => void results.set(id, result),
  };
  const metrics = { strangersCallback: () => undefined, callbackRetried: () => undefined, callbackProcessed: () => undefined };
  const deps = { inbox, metrics, logger, now: clock.now, store: { findAttemptBySecretHash: findAttempt } };
  return { deps: deps as unknown as PaymentsDependencies, retries, results, lines };
}

const sick = (message: string, code?: string): Error => Object.assign(new Error(message), code !== undefined && { code });

describe("a callback whose processing fails", () => {
  it.each([
    ["a bug", sick("Cannot read properties of undefined")],
    ["a damaged table", sick("Incorrect key file for table 'payments'", "ER_NOT_KEYFILE")],
    ["a wrong SECRETS_KEY", sick("the M-Pesa credentials cannot be read")],
  ])("because of %s is tried again, later and later, and is never set aside", async (_what, error) => {
    const waits: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      const { deps, retries, results } = under([pending({ tries })], () => Promise.reject(error));
      await processPendingCallbacks(deps);
      expect(results.size).toBe(0);
      expect(retries.get("cb_1")?.tries).toBe(tries + 1);
      waits.push((retries.get("cb_1")?.nextTryAtMs ?? 0) - START_MS);
    }
    expect(waits.slice(0, 4)).toEqual([5_000, 20_000, 80_000, 320_000]);
    expect(Math.max(...waits)).toBe(15 * 60_000);
  });

  it("does not hold up the ones after it", async () => {
    const findAttempt = (() => {
      let calls = 0;
      return () => (calls++ === 0 ? Promise.reject(sick("a bug")) : Promise.resolve(null));
    })();
    const { deps, retries, results } = under([pending(), pending({ id: "cb_2" })], findAttempt);
    await processPendingCallbacks(deps);
    expect([...retries.keys()]).toEqual(["cb_1"]);
    expect(results.get("cb_2")).toMatchObject({ verdict: "unmatched" });
  });

  it("stops the round while the database is down: nothing can be written about it", async () => {
    const { deps, retries } = under([pending()], () => Promise.reject(sick("connect ECONNREFUSED", "ECONNREFUSED")));
    await expect(processPendingCallbacks(deps)).rejects.toThrow("ECONNREFUSED");
    expect(retries.size).toBe(0);
  });

  it("because of its own content is set aside for a person", async () => {
    const { deps, retries, results, lines } = under([pending({ body: "{" })], () => Promise.resolve(null));
    await processPendingCallbacks(deps);
    expect(retries.size).toBe(0);
    expect(results.get("cb_1")).toMatchObject({ verdict: "unprocessable", note: "it cannot be processed: it is not a push's reply" });
    expect(lines.join("")).toContain("it is set aside for a person");
  });

  it("keeps no value of a statement in its note", async () => {
    const error = sick("insert into `payments` values ('Wanjiru Kamau') - Data too long", "ER_DATA_TOO_LONG");
    const { deps, retries } = under([pending()], () => Promise.reject(error));
    await processPendingCallbacks(deps);
    expect(retries.get("cb_1")?.note).toBe("could not be processed yet: ER_DATA_TOO_LONG");
  });
});
