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

  it("returns null for any other error", async () => {
    const error = await errorOf(database().knex("no_such_table").select());
    expect([uniqueViolation(error), isRetryable(error), isDatabaseDown(error)]).toEqual([null, false, false]);
    expect(uniqueViolation("for key 'open_key'")).toBeNull();
  });

  if (!isServer) return;

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
