import { join } from "node:path";
import { expect, describe, it, onTestFinished } from "vitest";
import { openDatabase } from "./database.ts";
import { checkHealth } from "./health.ts";
import { describeOnEachDatabase, folderForTest } from "./testing.ts";

const serving = { problem: () => null };
const refusing = { problem: () => ({ message: "channels are not allowed by the ACL" }) };

describeOnEachDatabase("health with the database there", (database) => {
  it("is ready", async () => {
    const parts = { database: database(), redis: serving, journalDir: folderForTest(), journalDepth: () => 3 };
    expect(await checkHealth(parts)).toEqual({ ready: true, database: "ok", redis: "ok", journal: "ok", journalDepth: 3 });
  });

  it("is ready without Redis, and without a journal", async () => {
    const parts = { database: database(), redis: refusing, journalDir: join(folderForTest(), "gone"), journalDepth: () => 0 };
    expect(await checkHealth(parts)).toMatchObject({
      ready: true,
      database: "ok",
      redis: "down",
      redisProblem: "channels are not allowed by the ACL",
      journal: "down",
    });
  });
});

describe("health with the database down", () => {
  const away = () => {
    const database = openDatabase({ kind: "mysql", url: "mysql://somopay:somopay@127.0.0.1:1/somopay" });
    onTestFinished(() => database.close());
    return database;
  };

  it("is ready as long as the journal is writable", async () => {
    const parts = { database: away(), redis: null, journalDir: folderForTest(), journalDepth: () => 0 };
    expect(await checkHealth(parts)).toEqual({ ready: true, database: "down", redis: "not used", journal: "ok", journalDepth: 0 });
  });

  it("is not ready if the journal is not writable either", async () => {
    const parts = { database: away(), redis: null, journalDir: join(folderForTest(), "gone"), journalDepth: () => 0 };
    expect(await checkHealth(parts)).toMatchObject({ ready: false, database: "down", journal: "down" });
  });
});
