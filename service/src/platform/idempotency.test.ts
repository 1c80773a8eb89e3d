import fc from "fast-check";
import { beforeEach, describe, expect, it, test } from "vitest";
import type { Database } from "./database.ts";
import { ServiceError } from "./errors.ts";
import {
  answerOnce,
  createIdempotencyKeys,
  hashRequest,
  HOLDER_DEAD_AFTER_MS,
  parseIdempotencyKey,
  type Answer,
  type IdempotencyClaim,
} from "./idempotency.ts";
import { describeOnEachDatabase, testClock } from "./testing.ts";

const OK: Answer = { status: 200, body: { success: true } };

/** The error code of a refused call. */
async function refusal(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describeOnEachDatabase("idempotency keys", (database) => {
  const clock = testClock();
  const keys = () => createIdempotencyKeys(database(), clock.now);
  let count = 0;
  let claim: IdempotencyClaim;
  beforeEach(() => {
    claim = { scope: "pay:bk_1", key: `key-${++count}` };
  });
  const once = (hash: string, work: (committed: string | null) => Promise<Answer>) => answerOnce(keys(), claim, hash, work);
  const neverCalled = (): Promise<Answer> => Promise.reject(new Error("the work was done twice"));

  it("the same request gets the same answer, and the work runs once", async () => {
    const answer: Answer = { status: 503, body: { error: "M-Pesa is busy 😀" }, retryAfterMs: 60_000 };
    expect(await once("hash", async () => answer)).toEqual(answer);
    expect(await once("hash", neverCalled)).toEqual(answer);
  });

  it("another request with the key is refused", async () => {
    await once("hash", async () => OK);
    expect(await refusal(once("other", neverCalled))).toMatchObject({ code: "idempotency_conflict", status: 409 });
  });

  it("another request is refused while the first is running", async () => {
    await keys().claim(claim, "hash");
    expect((await refusal(once("other", neverCalled))).code).toBe("idempotency_conflict");
  });

  it("a repetition while the first is running is told to retry after a second", async () => {
    await keys().claim(claim, "hash");
    expect(await refusal(once("hash", neverCalled))).toMatchObject({ code: "idempotency_in_progress", extras: { retryAfterMs: 1_000 } });
    clock.advance(HOLDER_DEAD_AFTER_MS - 1);
    expect((await refusal(once("hash", neverCalled))).code).toBe("idempotency_in_progress");
  });

  it("after ten seconds without an answer, the next caller resumes from what the first committed", async () => {
    await keys().claim(claim, "hash");
    await noteResource(database(), claim, "pay_1");
    clock.advance(9_999);
    expect((await refusal(once("hash", neverCalled))).code).toBe("idempotency_in_progress");
    clock.advance(1);
    const seen: (string | null)[] = [];
    expect(await once("hash", async (committed) => (seen.push(committed), OK))).toEqual(OK);
    expect(seen).toEqual(["pay_1"]);
    expect(await once("hash", neverCalled)).toEqual(OK);
  });

  it("if the holder died before it committed anything, the next caller starts over", async () => {
    await keys().claim(claim, "hash");
    clock.advance(HOLDER_DEAD_AFTER_MS);
    expect(await keys().claim(claim, "hash")).toEqual({ kind: "resume", resourceId: null });
  });

  it("of many callers that find a dead holder, one resumes", async () => {
    await keys().claim(claim, "hash");
    clock.advance(HOLDER_DEAD_AFTER_MS);
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => keys().claim(claim, "hash")));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("of many concurrent callers, one does the work", async () => {
    let calls = 0;
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => once("hash", async () => ((calls += 1), OK))));
    expect(calls).toBe(1);
    expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(await once("hash", neverCalled)).toEqual(OK);
  });

  it("work that failed before it committed anything frees the key", async () => {
    await expect(once("hash", () => Promise.reject(new Error("the limit was reached")))).rejects.toThrow("the limit was reached");
    expect(await once("other", async () => OK)).toEqual(OK);
  });

  it("work that failed after its commit keeps the key, for the caller that resumes", async () => {
    const failing = once("hash", async () => {
      await noteResource(database(), claim, "pay_2");
      throw new Error("cut off");
    });
    await expect(failing).rejects.toThrow("cut off");
    clock.advance(HOLDER_DEAD_AFTER_MS);
    expect(await keys().claim(claim, "hash")).toEqual({ kind: "resume", resourceId: "pay_2" });
  });

  it("a key is case-sensitive and belongs to its scope", async () => {
    const other: Answer = { status: 201, body: null };
    await once("hash", async () => OK);
    expect(await answerOnce(keys(), { ...claim, scope: "pay:bk_2" }, "hash", async () => other)).toEqual(other);
    expect(await answerOnce(keys(), { ...claim, key: claim.key.toUpperCase() }, "hash", async () => other)).toEqual(other);
  });

  it("deletes old keys, and only those", async () => {
    await once("hash", async () => OK);
    clock.advance(1_000);
    const { key: oldKey } = claim;
    claim = { ...claim, key: "young" };
    await once("hash", async () => OK);
    await keys().forget(clock.now());
    expect(await once("hash", neverCalled)).toEqual(OK);
    expect(await keys().claim({ ...claim, key: oldKey }, "hash")).toEqual({ kind: "fresh" });
  });

  it("the answer is stored before it is returned", async () => {
    const written: Answer[] = [];
    const real = keys();
    const slow = {
      ...real,
      complete: async (of: IdempotencyClaim, answer: Answer) => {
        await real.complete(of, answer);
        written.push(answer);
      },
    };
    expect(await answerOnce(slow, claim, "hash", async () => OK)).toEqual(OK);
    expect(written).toEqual([OK]);
  });

  it("an answer that cannot be stored is not returned", async () => {
    const failing = { ...keys(), complete: () => Promise.reject(new Error("the database went away")) };
    await expect(answerOnce(failing, claim, "hash", async () => OK)).rejects.toThrow("the database went away");
  });

  it("without a key the work just runs", async () => {
    expect(await answerOnce(keys(), null, "hash", async (committed) => ({ status: 200, body: committed }))).toEqual({
      status: 200,
      body: null,
    });
  });
});

async function noteResource({ knex }: Database, { scope, key }: IdempotencyClaim, resourceId: string): Promise<void> {
  await knex("idempotency_keys").where({ scope, idempotency_key: key }).update({ resource_id: resourceId });
}

describe("the Idempotency-Key header", () => {
  it("is optional, and surrounding spaces are ignored", () => {
    expect(parseIdempotencyKey(undefined)).toBeNull();
    expect(parseIdempotencyKey("  3f6c-1  ")).toBe("3f6c-1");
    expect(parseIdempotencyKey("k".repeat(200))).toHaveLength(200);
  });

  test.each([
    ["empty", ""],
    ["blank", "   "],
    ["too long", "k".repeat(201)],
    ["with a blank", "a b"],
    ["with an accent", "clé"],
    ["with a control character", "a\u0007b"],
  ])("%s is refused, and the error names the header", (_what, header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.stringContaining("Idempotency-Key") }),
    );
  });
});

describe("a request's hash", () => {
  const member = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const body = fc.dictionary(fc.string(), member);

  it("ignores the order of members, and undefined members", () => {
    fc.assert(
      fc.property(body, (members) => {
        const backwards = Object.fromEntries(Object.entries(members).toReversed());
        expect(hashRequest({ ...backwards, nothing: undefined })).toBe(hashRequest({ ...members, nothing: undefined }));
      }),
    );
  });

  it("changes with any value", () => {
    fc.assert(
      fc.property(body, fc.string(), member, member, (members, name, left, right) => {
        fc.pre(!Object.is(left, right) && JSON.stringify(left) !== JSON.stringify(right));
        expect(hashRequest({ ...members, [name]: left })).not.toBe(hashRequest({ ...members, [name]: right }));
      }),
    );
  });

  it("does not confuse members whose text runs together", () => {
    expect(hashRequest({ a: "1", b: "2" })).not.toBe(hashRequest({ a: '1","b":"2' }));
    expect(hashRequest({ amount: 1 })).not.toBe(hashRequest({ amount: "1" }));
  });
});
