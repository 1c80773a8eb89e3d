/** For tests: the databases that everything must behave alike on, a clock that a test tells, and a log that a test reads. */
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

/** SQLite and MariaDB, and whatever server COMPAT_DATABASE_URL names (its user must be allowed to create databases). */
export const targets: readonly Target[] = [
  { name: "SQLite", isServer: false, create: async () => ({ address: { kind: "sqlite", file: ":memory:" }, drop: async () => undefined }) },
  { name: "MariaDB", isServer: true, create: () => createOnServer(inject("mariadbUrl")) },
  // oxlint-disable-next-line node/no-process-env -- a setting of the test run; config.ts reads those of the service
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

/** Runs the same cases on each database: one, migrated, for all the cases of the block. */
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
      if (!database) throw new Error("the database is there inside of a case only");
      return database;
    }, target);
  });
}

/** A database that the test opens itself; it ends with the test. */
export async function addressForTest(target: Target): Promise<DatabaseAddress> {
  const { address, drop } = await target.create();
  onTestFinished(drop);
  return address;
}

/** A clock that stands still until it is moved. */
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

/** An empty folder that goes with the test. */
export function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "somopay-unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
