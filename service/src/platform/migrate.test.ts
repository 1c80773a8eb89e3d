import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase, type Database, type DatabaseAddress } from "./database.ts";
import { migrate, pendingMigrations } from "./migrate.ts";
import { addressForTest, folderForTest, targets } from "./testing.ts";

const tables = [
  "sites",
  "session_types",
  "pending_sessions",
  "sessions",
  "payments",
  "payment_history",
  "callbacks",
  "idempotency_keys",
  "webhook_deliveries",
  "leases",
];

function opened(address: Parameters<typeof openDatabase>[0]): Database {
  const database = openDatabase(address);
  onTestFinished(() => database.close());
  return database;
}

describe.each(targets)("migrating ($name)", (target) => {
  it("migrates an empty database; a second run does nothing", async () => {
    const database = opened(await addressForTest(target));
    const pending = await pendingMigrations(database);
    expect(pending.length).toBeGreaterThan(10);
    expect(pending).toEqual(pending.toSorted());
    expect(await migrate(database)).toEqual(pending);
    expect(await migrate(database)).toEqual([]);
    expect(await pendingMigrations(database)).toEqual([]);
    for (const table of tables) expect([table, await database.knex.schema.hasTable(table)]).toEqual([table, true]);
  });

  it("rolls back and migrates again", async () => {
    const database = opened(await addressForTest(target));
    const names = await migrate(database);
    await database.knex.migrate.rollback({ migrationSource: await sourceOf(names), tableName: "schema_migrations" }, true);
    for (const table of tables) expect([table, await database.knex.schema.hasTable(table)]).toEqual([table, false]);
    expect(await migrate(database)).toEqual(names);
    // Every migration runs three times; MariaDB needs seconds for that, and a busy machine ten times as many.
  }, 60_000);

  it("refuses a database migrated by a newer version, and leaves it unchanged", async () => {
    const database = opened(await addressForTest(target));
    await migrate(database);
    const before: unknown[] = await database.knex("schema_migrations").select("name");
    await database.knex("schema_migrations").insert({ name: "9999-from-the-future.ts", batch: 99, migration_time: database.knex.fn.now() });
    await expect(migrate(database)).rejects.toThrow(/newer version of SomoPay \(9999-from-the-future\.ts\)/);
    expect(await database.knex("schema_migrations").select("name")).toHaveLength(before.length + 1);
  });

  const addressOfFile = async (): Promise<DatabaseAddress> =>
    target.isServer ? addressForTest(target) : { kind: "sqlite", file: join(folderForTest(), "somopay.sqlite") };

  it("if two copies start at once, one migrates and the other waits", async () => {
    const address = await addressOfFile();
    const [one, two] = [opened(address), opened(address)];
    const results = await Promise.all([migrate(one), migrate(two)]);
    expect(results.map(({ length }) => length).toSorted((left, right) => left - right)).toEqual([0, expect.any(Number)]);
    expect(results.flat()).toEqual((await names(one)).toSorted());
  });

  it("what a killed copy left locked is free again", async () => {
    const database = opened(await addressForTest(target));
    await migrate(database);
    await database.knex("schema_migrations_lock").update({ is_locked: 1 });
    await database.knex("schema_migrations").where({ name: "0010-create-leases.ts" }).delete();
    await database.knex.schema.dropTable("leases");
    expect(await migrate(database)).toEqual(["0010-create-leases.ts"]);
  });

  if (!target.isServer) return;

  it("every table is case-sensitive and stores every character", async () => {
    const database = opened(await addressForTest(target));
    await migrate(database);
    const answer: unknown = await database
      .knex("information_schema.columns")
      .where({ table_schema: database.knex.raw("database()") })
      .whereIn("table_name", tables)
      .whereNotNull("collation_name")
      .distinct("collation_name as collation");
    expect(answer).toEqual([{ collation: "utf8mb4_bin" }]);
  });
});

it("SQLite: a copy killed in the middle of a migration leaves nothing of it, and the next one migrates", async () => {
  const file = join(folderForTest(), "somopay.sqlite");
  const migrating = spawn(process.execPath, ["--input-type=module", "-e", killedInTheMiddle(file)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  expect(await once(migrating, "exit")).toEqual([null, "SIGKILL"]);
  const database = opened({ kind: "sqlite", file });
  const pending = await pendingMigrations(database);
  expect(await database.knex.schema.hasTable("payments")).toBe(false);
  expect(await migrate(database)).toEqual(pending);
  expect(await pendingMigrations(database)).toEqual([]);
});

function killedInTheMiddle(file: string): string {
  const module = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  return `
    const { openDatabase } = await import(${module("./database.ts")});
    const { migrate } = await import(${module("./migrate.ts")});
    const database = openDatabase({ kind: "sqlite", file: ${JSON.stringify(file)} });
    database.knex.on("query-response", (_rows, { sql }) => {
      if (/create table \`payments\`/.test(sql)) process.kill(process.pid, "SIGKILL");
    });
    await migrate(database);
  `;
}

async function names({ knex }: Database): Promise<string[]> {
  const rows: { name: string }[] = await knex("schema_migrations").orderBy("id").select("name");
  return rows.map(({ name }) => name);
}

/** The migrations in the form that knex needs to roll back. */
async function sourceOf(fileNames: string[]) {
  return {
    getMigrations: async () => fileNames,
    getMigrationName: (name: string) => name,
    getMigration: (name: string) => import(join(import.meta.dirname, "../../migrations", name)),
  };
}
