import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Knex } from "knex";
import { z } from "zod";
import { isRetryable } from "./database.ts";

/** A copy that dies while it migrates holds up the others for this long. */
const TURN_S = 60;
const RENEWED_EVERY_MS = (TURN_S / 3) * 1_000;
const ASKED_AGAIN_AFTER_MS = 200;

const sizeSchema = z.tuple([z.array(z.object({ Value: z.coerce.number() })), z.unknown()]);
const updatedSchema = z.tuple([z.object({ affectedRows: z.number() }), z.unknown()]);

/** Whether this server is a node of a Galera cluster. Named locks (GET_LOCK) then hold on this node only. */
export async function isGaleraNode(knex: Knex): Promise<boolean> {
  const [rows] = sizeSchema.parse(await knex.raw("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'"));
  return rows.some(({ Value }) => Value > 0);
}

/**
 * Runs the work while no other copy runs it on any node of the cluster. The turn is a row: if two nodes give it away at once, the cluster refuses the
 * second commit. And whoever sees that it is free sees all that its last holder has written.
 * @param onTimeout makes the error if another copy keeps the turn for `timeoutS`
 */
export async function inMigrationTurn<Result>(
  knex: Knex,
  { timeoutS, onTimeout }: { timeoutS: number; onTimeout: () => Error },
  work: () => Promise<Result>,
): Promise<Result> {
  const holder = randomUUID();
  await prepare(knex);
  const giveUpAtMs = performance.now() + timeoutS * 1_000;
  while (!(await take(knex, holder))) {
    if (performance.now() > giveUpAtMs) throw onTimeout();
    await delay(ASKED_AGAIN_AFTER_MS);
  }
  const keeping = setInterval(() => void take(knex, holder).catch(() => undefined), RENEWED_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(keeping);
    await knex.raw("UPDATE schema_migration_turn SET until = 0 WHERE holder = ?", [holder]);
  }
}

/** Not a migration, because it comes before them. */
async function prepare(knex: Knex): Promise<void> {
  await knex.raw(
    "CREATE TABLE IF NOT EXISTS schema_migration_turn (id INT NOT NULL PRIMARY KEY, holder VARCHAR(36) NOT NULL, until BIGINT NOT NULL)",
  );
  await orConflict(knex.raw("INSERT IGNORE INTO schema_migration_turn (id, holder, until) VALUES (1, '', 0)"));
}

async function take(knex: Knex, holder: string): Promise<boolean> {
  const result: unknown = await orConflict(
    knex.raw(
      `UPDATE schema_migration_turn SET holder = ?, until = UNIX_TIMESTAMP() + ${TURN_S} WHERE id = 1 AND (until < UNIX_TIMESTAMP() OR holder = ?)`,
      [holder, holder],
    ),
  );
  return result !== null && updatedSchema.parse(result)[0].affectedRows === 1;
}

/** Null if another node was first. */
async function orConflict(statement: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await statement;
  } catch (error) {
    if (isRetryable(error)) return null;
    throw error;
  }
}
