import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Knex } from "knex";
import { z } from "zod";
import { SILENT_CONNECTION_ENDED_AFTER_S, type Database } from "./database.ts";

const MIGRATIONS_DIR = join(import.meta.dirname, "../../migrations");
const MIGRATION_FILE = /^\d{4}-[a-z0-9-]+\.ts$/;
/** How long a copy waits while another one migrates. */
const LOCK_TIMEOUT_S = 120;
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

// knex's table lock outlives a killed process; MySQL's named lock ends with its connection.
const settings: Knex.MigratorConfig = { migrationSource: source, tableName: "schema_migrations" };

/**
 * Migrates the schema and returns the names of the migrations that ran. If several copies start, one migrates and the others wait.
 * @throws if the database has migrations that this version does not know: an older service must not run on a newer schema
 */
export async function migrate(database: Database): Promise<string[]> {
  await refuseNewerSchema(database);
  // Usually nothing is pending. Skipping the lock then avoids waiting for a copy that lost power while holding it.
  if ((await pendingMigrations(database)).length === 0) return [];
  return withMigrationLock(database, async () => {
    await refuseNewerSchema(database);
    if (database.kind === "mysql") await database.knex.migrate.forceFreeMigrationsLock(settings);
    const result: unknown = await database.knex.migrate.latest(settings);
    return z.tuple([z.number(), z.array(z.string())]).parse(result)[1];
  });
}

/** The migrations that have not run yet. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const known = await source.getMigrations([]);
  const done = new Set(await completedMigrations(database));
  return known.filter((name) => !done.has(name));
}

async function completedMigrations({ knex }: Database): Promise<string[]> {
  if (!(await knex.schema.hasTable("schema_migrations"))) return [];
  const rows: unknown = await knex("schema_migrations").select("name").orderBy("id");
  return z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .map(({ name }) => name);
}

async function refuseNewerSchema(database: Database): Promise<void> {
  const known = new Set(await source.getMigrations([]));
  const unknown = (await completedMigrations(database)).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `The database was migrated by a newer version of SomoPay (${unknown.join(", ")}). Run that version, or restore an older backup.`,
    );
  }
}

async function withMigrationLock<Result>({ kind, knex }: Database, work: () => Promise<Result>): Promise<Result> {
  if (kind === "sqlite") return work();
  // The lock ends with its connection, which the transaction holds, so a copy that dies while migrating locks nobody out.
  return knex.transaction(async (holder) => {
    const answer: unknown = await holder.raw(`SELECT GET_LOCK(CONCAT('somopay-migrate-', DATABASE()), ${LOCK_TIMEOUT_S}) AS locked`);
    const rows = z.tuple([z.array(z.object({ locked: z.number().nullable() })), z.unknown()]).parse(answer)[0];
    if (rows[0]?.locked !== 1) throw new Error(`Another copy has been migrating the database for over ${LOCK_TIMEOUT_S} seconds.`);
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
