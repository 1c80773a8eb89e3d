/** For tests: each supported database, a clock that the test controls, and a log that the test can read. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, inject, onTestFinished } from "vitest";
import { openDatabase, type Database, type DatabaseAddress } from "./database.ts";
import { createLogger, type Logger } from "./logger.ts";
import { migrate } from "./migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    mariadbUrl: string;
    redisUrl: string;
  }
}

type Opened = { address: DatabaseAddress; drop(): Promise<void> };

export type Target = { name: string; isServer: boolean; create(): Promise<Opened> };

/** SQLite, MariaDB, and the server in COMPAT_DATABASE_URL if set (its user must be allowed to create databases). */
export const targets: readonly Target[] = [
  { name: "SQLite", isServer: false, create: async () => ({ address: { kind: "sqlite", file: ":memory:" }, drop: async () => undefined }) },
  { name: "MariaDB", isServer: true, create: () => createOnServer(inject("mariadbUrl")) },
  // oxlint-disable-next-line node/no-process-env -- a setting of the test run; config.ts reads only the service's
  ...compatibilityTargets(process.env["COMPAT_DATABASE_URL"] ?? ""),
];

function compatibilityTargets(adminUrl: string): Target[] {
  return adminUrl === "" ? [] : [{ name: "COMPAT_DATABASE_URL", isServer: true, create: () => createOnServer(adminUrl) }];
}

async function createOnServer(adminUrl: string): Promise<Opened> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const run = async (statement: string): Promise<void> => {
    const admin = openDatabase({ kind: "mysql", url: adminUrl });
    await admin.knex.raw(statement);
    await admin.close();
  };
  await run(`create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { address: { kind: "mysql", url: url.href }, drop: () => run(`drop database if exists ${name}`) };
}

/** Runs the same cases on each database. All cases of the block share one migrated database. */
export function describeOnEachDatabase(title: string, cases: (database: () => Database, target: Target) => void): void {
  describe.each(targets)(`${title} ($name)`, (target) => {
    let database: Database | undefined;
    let drop = async (): Promise<void> => undefined;
    beforeAll(async () => {
      const created = await target.create();
      database = openDatabase(created.address);
      ({ drop } = created);
      await migrate(database);
    });
    afterAll(async () => {
      await database?.close();
      await drop();
    });
    cases(() => {
      if (!database) throw new Error("the database exists only inside a case");
      return database;
    }, target);
  });
}

/** The address of a database that the test opens itself; it is dropped after the test. */
export async function addressForTest(target: Target): Promise<DatabaseAddress> {
  const { address, drop } = await target.create();
  onTestFinished(drop);
  return address;
}

/** A clock that moves only when told to. */
export type TestClock = { now(): number; advance(ms: number): void };

export function testClock(startMs = Date.UTC(2026, 10, 23, 7)): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}

export function testLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return { logger: createLogger("trace", (line) => void lines.push(line)), lines };
}

/** An empty folder, deleted after the test. */
export function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "somopay-unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
