import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Knex } from "knex";
import { z } from "zod";
import { inMigrationTurn, isGaleraNode } from "./migration-turn.ts";
import { isRetryable, SILENT_CONNECTION_ENDED_AFTER_S, type Database } from "./database.ts";

const MIGRATIONS_DIR = join(import.meta.dirname, "../../migrations");
const MIGRATION_FILE = /^\d{4}-[a-z0-9-]+\.ts$/;
/** How long a copy waits while another one migrates. */
const LOCK_TIMEOUT_S = 120;
/** SQLite waits by itself too, for its `busy_timeout`; in between, this process must be able to do something else. */
const SQLITE_RETRY_MS = 100;
/** The server closes a connection that is silent for a minute, which releases the lock, so the holder pings at this interval. */
const LOCK_KEPT_EVERY_MS = (SILENT_CONNECTION_ENDED_AFTER_S / 3) * 1_000;

const migrationSchema = z.object({
  up: z.custom<Knex.Migration["up"]>((value) => typeof value === "function"),
  down: z.custom<NonNullable<Knex.Migration["down"]>>((value) => typeof value === "function"),
});

const source: Knex.MigrationSource<string> = {
  getMigrations: async () =>
    readdirSync(MIGRATIONS_DIR)
      .filter((name) => MIGRATION_FILE.test(name))
      .toSorted(),
  getMigrationName: (name) => name,
  getMigration: async (name) => migrationSchema.parse(await import(join(MIGRATIONS_DIR, name))),
};

// knex's own lock is a row, which outlives a killed process. What locks here ends with the process: MySQL's named lock, SQLite's write lock.
const settings: Knex.MigratorConfig = { migrationSource: source, tableName: "schema_migrations" };

/**
 * Migrates the schema and returns the names of the migrations that ran. If several copies start, one migrates and the others wait.
 * @throws if the database has migrations that this version does not know: an older service must not run on a newer schema
 */
export async function migrate(database: Database): Promise<string[]> {
  await refuseNewerSchema(database.knex);
  // Usually nothing is pending. Skipping the lock then avoids waiting for a copy that lost power while holding it.
  if ((await pendingMigrations(database)).length === 0) return [];
  const { knex, kind } = database;
  if (kind === "sqlite") return inOneTransaction(knex);
  const work = (): Promise<string[]> => migrateLocked(knex);
  const onTimeout = (): Error => anotherMigrates();
  return withNamedLock(knex, async () =>
    (await isGaleraNode(knex)) ? inMigrationTurn(knex, { timeoutS: LOCK_TIMEOUT_S, onTimeout }, work) : work(),
  );
}

async function migrateLocked(knex: Knex): Promise<string[]> {
  await refuseNewerSchema(knex);
  await knex.migrate.forceFreeMigrationsLock(settings);
  const result: unknown = await knex.migrate.latest(settings);
  return z.tuple([z.number(), z.array(z.string())]).parse(result)[1];
}

/** The migrations that have not run yet. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const known = await source.getMigrations([]);
  const done = new Set(await completedMigrations(database.knex));
  return known.filter((name) => !done.has(name));
}

async function completedMigrations(knex: Knex): Promise<string[]> {
  if (!(await knex.schema.hasTable("schema_migrations"))) return [];
  const rows: unknown = await knex("schema_migrations").select("name").orderBy("id");
  return z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .map(({ name }) => name);
}

async function refuseNewerSchema(knex: Knex): Promise<void> {
  const known = new Set(await source.getMigrations([]));
  const unknown = (await completedMigrations(knex)).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `The database was migrated by a newer version of SomoPay (${unknown.join(", ")}). Run that version, or restore an older backup.`,
    );
  }
}

/** SQLite's first write locks out every other one until the commit. A copy that is killed before it leaves nothing behind. */
async function inOneTransaction(knex: Knex): Promise<string[]> {
  const giveUpAtMs = performance.now() + LOCK_TIMEOUT_S * 1_000;
  for (;;) {
    try {
      return await knex.transaction(migrateLocked);
    } catch (error) {
      // Another copy holds the lock, or has committed since this one began to read.
      if (!isRetryable(error)) throw error;
      if (performance.now() > giveUpAtMs) throw anotherMigrates(error);
    }
    await delay(SQLITE_RETRY_MS);
  }
}

function anotherMigrates(cause?: unknown): Error {
  return new Error(`Another copy has been migrating the database for over ${LOCK_TIMEOUT_S} seconds.`, { cause });
}

async function withNamedLock<Result>(knex: Knex, work: () => Promise<Result>): Promise<Result> {
  // The lock ends with its connection, which the transaction holds, so a copy that dies while migrating locks nobody out.
  return knex.transaction(async (holder) => {
    const answer: unknown = await holder.raw(`SELECT GET_LOCK(CONCAT('somopay-migrate-', DATABASE()), ${LOCK_TIMEOUT_S}) AS locked`);
    const rows = z.tuple([z.array(z.object({ locked: z.number().nullable() })), z.unknown()]).parse(answer)[0];
    if (rows[0]?.locked !== 1) throw anotherMigrates();
    // Migrating a large table takes longer than the server keeps a silent connection.
    const keeping = setInterval(() => void holder.raw("SELECT 1").catch(() => undefined), LOCK_KEPT_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(keeping);
      await holder.raw("SELECT RELEASE_LOCK(CONCAT('somopay-migrate-', DATABASE()))");
    }
  });
}
