import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it, onTestFinished, test } from "vitest";
import { isDatabaseDown, isRetryable, openDatabase, uniqueViolation } from "./database.ts";
import { isDatabaseUp } from "./health.ts";
import { describeOnEachDatabase, folderForTest } from "./testing.ts";

async function errorOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

async function errorOrNull(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
    return null;
  } catch (error) {
    return error;
  }
}

/** Blocks each caller until `count` have called. */
function barrierFor(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) resolve();
    return promise;
  };
}

it("repeats a transaction that Group Replication refused at its commit, and says that it may succeed later", () => {
  const error = Object.assign(new Error("Plugin instructed the server to rollback"), { code: "ER_TRANSACTION_ROLLBACK_DURING_COMMIT" });
  expect([isRetryable(error), isDatabaseDown(error)]).toEqual([true, true]);
});

describeOnEachDatabase("a database", (database, { isServer }) => {
  beforeAll(async () => {
    await database().knex.schema.createTable("marks", (table) => {
      table.string("id", 10).primary();
      table.string("open_key", 20).unique();
      table.string("receipt", 20).unique();
    });
  });
  const marks = () => database().knex("marks");

  it("names the violated key, not the statement's columns or values", async () => {
    await marks().insert({ id: "a", open_key: "x", receipt: "open_key" });
    const receipt = uniqueViolation(await errorOf(marks().insert({ id: "b", open_key: "y", receipt: "open_key" })));
    expect(receipt).toContain("receipt");
    expect(receipt).not.toContain("open_key");
    const openKey = uniqueViolation(await errorOf(marks().insert({ id: "c", open_key: "x", receipt: "r" })));
    expect(openKey).toContain("open_key");
    expect(uniqueViolation(await errorOf(marks().insert({ id: "a" })))).not.toBeNull();
  });

  it("names the violated key even if the value looks like the name of another", async () => {
    const receipt = "a' for key 'open_key";
    await marks().insert({ id: "d", open_key: "d", receipt });
    const key = uniqueViolation(await errorOf(marks().insert({ id: "e", open_key: "e", receipt })));
    expect(key).toContain("receipt");
    expect(key).not.toContain("open_key");
  });

  it("returns null for any other error", async () => {
    const error = await errorOf(database().knex("no_such_table").select());
    expect([uniqueViolation(error), isRetryable(error), isDatabaseDown(error)]).toEqual([null, false, false]);
    expect(uniqueViolation("for key 'open_key'")).toBeNull();
  });

  it("refuses a row that references a missing row", async () => {
    const orphan = { id: "st_1", site_id: "site_unknown", code: "maths", name: "Maths", amount: 1, duration_minutes: 60, position: 0 };
    await expect(database().knex("session_types").insert(orphan)).rejects.toThrow(/foreign key/i);
  });

  if (!isServer) return;

  it("fails a statement that waits for a locked row with a retryable error", async () => {
    await marks().insert({ id: "held" });
    await database().knex.transaction(async (trx) => {
      await trx("marks").where({ id: "held" }).update({ receipt: "first" });
      const error = await errorOf(marks().where({ id: "held" }).update({ receipt: "second" }));
      expect([isRetryable(error), isDatabaseDown(error)]).toEqual([true, true]);
    });
    expect(await marks().where({ id: "held" }).first("receipt")).toEqual({ receipt: "first" });
  });

  it("has the server close silent connections, and so release the locks of a copy that lost power", async () => {
    const [rows]: unknown[] = await database().knex.raw("SELECT @@SESSION.wait_timeout AS seconds");
    expect(rows).toEqual([{ seconds: 60 }]);
  });

  it("fails one of two deadlocked transactions with a retryable error", async () => {
    await marks().insert([{ id: "left" }, { id: "right" }]);
    const bothHold = barrierFor(2);
    const change = (first: string, second: string) =>
      database().knex.transaction(async (trx) => {
        await trx("marks")
          .where({ id: first })
          .update({ receipt: `${first} 1` });
        await bothHold();
        await trx("marks")
          .where({ id: second })
          .update({ receipt: `${first} 2` });
      });
    const errors = await Promise.all([errorOrNull(change("left", "right")), errorOrNull(change("right", "left"))]);
    const lost = errors.filter((error) => error !== null);
    expect(lost.length).toBeGreaterThanOrEqual(1);
    for (const error of lost) expect([isRetryable(error), isDatabaseDown(error)]).toEqual([true, true]);
  });

  it("refuses a value that does not fit instead of truncating it", async () => {
    await expect(marks().insert({ id: "longer than ten" })).rejects.toThrow(/too long/i);
  });

  it("sees what others commit during a transaction", async () => {
    await database().knex.transaction(async (trx) => {
      await trx("marks").select();
      await marks().insert({ id: "other" });
      expect(await trx("marks").where({ id: "other" })).toHaveLength(1);
    });
  });
});

test("SQLite syncs every commit, and waits for another process that writes", async () => {
  const database = openDatabase({ kind: "sqlite", file: join(folderForTest(), "somopay.sqlite") });
  onTestFinished(() => database.close());
  const pragma = async (name: string): Promise<unknown> => database.knex.raw(`PRAGMA ${name}`);
  // SQLite's number for FULL.
  expect(await pragma("synchronous")).toEqual([{ synchronous: 2 }]);
  expect(await pragma("journal_mode")).toEqual([{ journal_mode: "wal" }]);
  expect(await pragma("busy_timeout")).toEqual([{ timeout: 3_000 }]);
});

test("a SQLite file on a full disk counts as down", async () => {
  const database = openDatabase({ kind: "sqlite", file: join(folderForTest(), "somopay.sqlite") });
  onTestFinished(() => database.close());
  await database.knex.raw("CREATE TABLE marks (text)");
  await database.knex.raw("PRAGMA max_page_count = 2");
  const error = await errorOf(database.knex("marks").insert({ text: "x".repeat(100_000) }));
  expect(error).toMatchObject({ code: "SQLITE_FULL" });
  expect(isDatabaseDown(error)).toBe(true);
});

/** As mysql2 and better-sqlite3 throw it. */
function errorWith(facts: object): Error {
  return Object.assign(new Error("it failed"), facts);
}

describe("an error that says that this cannot be written now", () => {
  test.each([
    ["a server that is read-only", { code: "ER_OPTION_PREVENTS_STATEMENT", errno: 1290 }],
    ["a transaction that is read-only", { code: "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", errno: 1792 }],
    ["a server in read-only mode", { code: "ER_READ_ONLY_MODE", errno: 1836 }],
    ["no connection left on the server", { code: "ER_CON_COUNT_ERROR", errno: 1040 }],
    ["no connection left for any account", { code: "ER_TOO_MANY_USER_CONNECTIONS", errno: 1203 }],
    ["an account over a limit", { code: "ER_USER_LIMIT_REACHED", errno: 1226 }],
    ["an account without the right to write", { code: "ER_TABLEACCESS_DENIED_ERROR", errno: 1142 }],
    ["a full disk", { code: "ER_DISK_FULL", errno: 1021 }],
    ["a full table", { code: "ER_RECORD_FILE_FULL", errno: 1114 }],
    ["a node that has not joined its cluster", { code: "ER_UNKNOWN_COM_ERROR", errno: 1047 }],
    ["a statement that was killed", { code: "ER_QUERY_INTERRUPTED", errno: 1317 }],
    ["a connection that MariaDB killed", { errno: 1927 }],
    ["whatever ended the connection", { code: "HANDSHAKE_SSL_ERROR", fatal: true }],
    ["a full disk under SQLite", { code: "SQLITE_FULL" }],
    ["a SQLite file that was made read-only", { code: "SQLITE_READONLY_DBMOVED" }],
    ["a SQLite file that was taken away", { code: "SQLITE_CANTOPEN_ISDIR" }],
    ["a SQLite snapshot that is too old", { code: "SQLITE_BUSY_SNAPSHOT" }],
  ])("%s: the database counts as down", (_what, facts) => {
    expect(isDatabaseDown(errorWith(facts))).toBe(true);
  });

  test.each([
    ["a value that does not fit", { code: "ER_DATA_TOO_LONG", errno: 1406 }],
    ["a violated key", { code: "ER_DUP_ENTRY", errno: 1062 }],
    ["a bug in the statement", { code: "ER_PARSE_ERROR", errno: 1064 }],
    ["a violated key of SQLite", { code: "SQLITE_CONSTRAINT_UNIQUE" }],
    ["an error of something else", { code: "ENOENT" }],
  ])("%s is another matter", (_what, facts) => {
    expect(isDatabaseDown(errorWith(facts))).toBe(false);
  });
});

describe("an unreachable database", () => {
  test("a server that refuses connections counts as down at once", async () => {
    const database = openDatabase({ kind: "mysql", url: "mysql://somopay:somopay@127.0.0.1:1/somopay" });
    onTestFinished(() => database.close());
    expect(isDatabaseDown(await errorOf(database.knex.raw("SELECT 1")))).toBe(true);
    expect(await isDatabaseUp(database)).toBe(false);
  });

  test("an unknown database, a wrong password or a closed pool counts as down", async () => {
    const url = new URL(inject("mariadbUrl"));
    const unknown = new URL(url);
    unknown.pathname = "/no_such_database";
    const wrong = new URL(url);
    wrong.password = "wrong";
    for (const each of [unknown, wrong]) {
      const database = openDatabase({ kind: "mysql", url: each.href });
      onTestFinished(() => database.close());
      expect(isDatabaseDown(await errorOf(database.knex.raw("SELECT 1")))).toBe(true);
    }
    const closed = openDatabase({ kind: "mysql", url: url.href });
    await closed.close();
    expect(isDatabaseDown(await errorOf(closed.knex.raw("SELECT 1")))).toBe(true);
  });

  test("creates the SQLite file's folder, or throws an error that names the path", async () => {
    const file = join(folderForTest(), "deep/er/somopay.sqlite");
    const database = openDatabase({ kind: "sqlite", file });
    onTestFinished(() => database.close());
    expect(await isDatabaseUp(database)).toBe(true);
    expect(existsSync(file)).toBe(true);
    expect(() => openDatabase({ kind: "sqlite", file: "/dev/null/somopay.sqlite" })).toThrow(/\/dev\/null/);
  });
});
