import fc from "fast-check";
import { Registry } from "prom-client";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openDatabase, type Database } from "../../platform/database.ts";
import { openJournal, type Journal } from "../../platform/journal.ts";
import { describeOnEachDatabase, folderForTest, testLogger } from "../../platform/testing.ts";
import { createCallbackInbox, decodeBody, encodeBody, type CallbackInbox, type StoredCallback } from "./callback-inbox.ts";
import { createPaymentMetrics } from "../payment-metrics.ts";
import { newId, START_MS } from "../testing.ts";

function newCallback(facts: Partial<StoredCallback> = {}): StoredCallback {
  return {
    id: newId("cb"),
    receivedAtMs: START_MS,
    kind: "stk",
    secretHash: "a".repeat(64),
    remoteAddress: "196.201.214.200",
    body: '{"Body":{}}',
    bodyEncoding: "utf8",
    truncated: false,
    ...facts,
  };
}

async function newInbox(database: Database): Promise<{ inbox: CallbackInbox; journal: Journal; lines: string[] }> {
  const journal = await openJournal(folderForTest());
  onTestFinished(() => journal.close());
  const { logger, lines } = testLogger();
  const metrics = createPaymentMetrics(new Registry());
  return { inbox: createCallbackInbox({ database, journal, logger, metrics }), journal, lines };
}

/** A database that refuses every connection at once. */
function deadDatabase(): Database {
  const database = openDatabase({ kind: "mysql", url: "mysql://somopay:somopay@127.0.0.1:1/somopay" });
  onTestFinished(() => database.close());
  return database;
}

const everything = { before: START_MS + 1_000_000, most: 100 };

/** Without the count of tries, so that they compare with what was stored. */
async function unprocessedOf(inbox: CallbackInbox, beforeMs = everything.before, most = everything.most): Promise<StoredCallback[]> {
  const pending = await inbox.unprocessed(beforeMs, everything.before, most);
  return pending.map(({ tries: _tries, ...callback }) => callback);
}

/** A database that never answers. */
function silentDatabase(onAsked: () => void): Database {
  const dead = deadDatabase();
  const knex = new Proxy(dead.knex, {
    apply: () => ({
      insert() {
        onAsked();
        return new Promise(() => undefined);
      },
    }),
  });
  return { ...dead, knex };
}

describeOnEachDatabase("the callback inbox", (database) => {
  beforeEach(() => database().knex("callbacks").delete());

  it("keeps a callback as it came", async () => {
    const { inbox } = await newInbox(database());
    const callbacks = [
      newCallback({ body: '{"ResultDesc":"😀 \\u0000 é e\u0301"}\r\n' }),
      newCallback({ body: Buffer.from([0xff, 0xfe, 0, 1]).toString("base64"), bodyEncoding: "base64", truncated: true }),
      newCallback({ body: "", secretHash: null, remoteAddress: "2001:db8:85a3:8d3:1319:8a2e:370:7348" }),
      newCallback({ body: "x".repeat(64 * 1024) }),
    ];
    for (const callback of callbacks) expect(await inbox.store(callback)).toBe("database");
    expect((await unprocessedOf(inbox)).toSorted(byId)).toEqual(callbacks);
    expect(inbox.journalDepth()).toBe(0);
  });

  it("takes one twice for one", async () => {
    const { inbox } = await newInbox(database());
    const callback = newCallback();
    await inbox.store(callback);
    expect(await inbox.store({ ...callback, body: "another" })).toBe("database");
    expect(await unprocessedOf(inbox)).toEqual([callback]);
  });

  it("gives those that nobody has read, the oldest first, a few at a time, and none that are too young", async () => {
    const { inbox } = await newInbox(database());
    const [second, first, young, read] = [1, 0, 9, 2].map((ms) => newCallback({ receivedAtMs: START_MS + ms }));
    if (!second || !first || !young || !read) throw new Error("four callbacks");
    for (const callback of [second, first, young, read]) await inbox.store(callback);
    await inbox.markProcessed(read.id, {
      verdict: "verified",
      paymentId: "pay_1",
      receipt: "UKN1A2B3C4",
      note: "n".repeat(600),
      atMs: START_MS + 3,
    });
    expect((await unprocessedOf(inbox, START_MS + 9, 10)).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect((await unprocessedOf(inbox, START_MS + 9, 1)).map(({ id }) => id)).toEqual([first.id]);
    expect(await database().knex("callbacks").where({ id: read.id }).first()).toMatchObject({
      verdict: "verified",
      payment_id: "pay_1",
      receipt: "UKN1A2B3C4",
      note: "n".repeat(500),
      processed_at: START_MS + 3,
    });
  });

  it("leaves out what waits for a later try, until its time has come", async () => {
    const { inbox } = await newInbox(database());
    const callback = newCallback();
    await inbox.store(callback);
    await inbox.retryLater(callback.id, { tries: 3, nextTryAtMs: START_MS + 10, note: "could not be processed yet: ER_RECORD_FILE_FULL" });
    expect(await inbox.unprocessed(everything.before, START_MS + 9, 10)).toEqual([]);
    expect(await inbox.unprocessed(everything.before, START_MS + 10, 10)).toEqual([{ ...callback, tries: 3 }]);
  });

  it("an address that a careless proxy lets a stranger choose does not keep a callback out", async () => {
    const { inbox } = await newInbox(database());
    expect(await inbox.store(newCallback({ remoteAddress: "1".repeat(500) }))).toBe("database");
    const [stored] = await unprocessedOf(inbox, everything.before, 1);
    expect(stored?.remoteAddress).toBe("1".repeat(64));
  });

  it("moves what the journal kept into the database, once, whatever of it is there already", async () => {
    const { inbox, journal, lines } = await newInbox(database());
    const callbacks = [newCallback(), newCallback({ body: "😀" }), newCallback({ remoteAddress: "2".repeat(500) })];
    for (const callback of callbacks) await journal.append(callback);
    const [known] = callbacks;
    if (known) await inbox.store(known);
    expect(inbox.journalDepth()).toBe(3);
    expect(await inbox.replayJournal()).toBe(3);
    expect(inbox.journalDepth()).toBe(0);
    expect(await unprocessedOf(inbox)).toHaveLength(3);
    expect(await inbox.replayJournal()).toBe(0);
    expect(lines.filter((line) => line.includes("journal replayed"))).toHaveLength(1);
  });
});

describe("the callback inbox with the database away", () => {
  it("keeps callbacks in the journal, and they survive the process", async () => {
    const { inbox, journal } = await newInbox(deadDatabase());
    const callback = newCallback({ body: "😀" });
    expect(await inbox.store(callback)).toBe("journal");
    expect(inbox.journalDepth()).toBe(1);
    const records: unknown[] = [];
    await journal.drain(async (record) => void records.push(record));
    expect(records).toEqual([callback]);
  });

  it("falls back to the journal if the database does not answer within two seconds", async () => {
    const asked = Promise.withResolvers<void>();
    const { inbox } = await newInbox(silentDatabase(asked.resolve));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const stored = inbox.store(newCallback());
    await asked.promise;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await stored).toBe("journal");
    expect(inbox.journalDepth()).toBe(1);
  });

  it("leaves the journal as it is while it cannot be replayed", async () => {
    const { inbox } = await newInbox(deadDatabase());
    await inbox.store(newCallback());
    await expect(inbox.replayJournal()).rejects.toThrow();
    expect(inbox.journalDepth()).toBe(1);
  });

  it("refuses only when neither takes it", async () => {
    const { logger } = testLogger();
    const metrics = createPaymentMetrics(new Registry());
    const fullDisk: Journal = {
      append: () => Promise.reject(new Error("ENOSPC")),
      drain: () => Promise.reject(new Error("ENOSPC")),
      depth: () => 0,
      close: async () => undefined,
    };
    const inbox = createCallbackInbox({ database: deadDatabase(), journal: fullDisk, logger, metrics });
    await expect(inbox.store(newCallback())).rejects.toThrow("ENOSPC");
  });
});

describe("a body as text", () => {
  it("comes back byte for byte, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          const kept = encodeBody(Buffer.from(bytes));
          const back = kept.bodyEncoding === "utf8" ? Buffer.from(kept.body, "utf8") : Buffer.from(kept.body, "base64");
          expect(back.equals(bytes)).toBe(true);
          expect(decodeBody(kept)).toBe(Buffer.from(bytes).toString("utf8"));
        },
      ),
    );
  });

  it("is readable where it can be", () => {
    expect(encodeBody(Buffer.from('{"a":"é"}'))).toEqual({ body: '{"a":"é"}', bodyEncoding: "utf8" });
    expect(encodeBody(Buffer.from([0xff])).bodyEncoding).toBe("base64");
    expect(encodeBody(Buffer.from([0])).bodyEncoding).toBe("base64");
  });
});

function byId(left: StoredCallback, right: StoredCallback): number {
  return left.id < right.id ? -1 : 1;
}
