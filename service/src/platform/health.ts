import { access, constants, statfs } from "node:fs/promises";
import type { Database } from "./database.ts";
import { withTimeout } from "./with-timeout.ts";

export type Health = {
  ready: boolean;
  database: "ok" | "down";
  redis: "ok" | "down" | "not used";
  /** Why Redis is down, if it answers and does not serve too. */
  redisProblem?: string;
  journal: "ok" | "down";
  journalDepth: number;
};

const PING_TIMEOUT_MS = 1_000;
/** Room for thousands of callbacks. */
const MIN_FREE_BYTES = 16 * 1024 * 1024;

type Parts = {
  database: Database;
  /** Null: Redis is not used. */
  redis: { problem(): { message: string } | null } | null;
  journalDir: string;
  journalDepth: () => number;
};

/** Ready means that a callback can be stored durably, in the database or in the journal. Redis is not needed for that. */
export async function checkHealth({ database, redis, journalDir, journalDepth }: Parts): Promise<Health> {
  const [databaseUp, journalUp] = await Promise.all([isDatabaseUp(database), isWritable(journalDir)]);
  const problem = redis?.problem() ?? null;
  return {
    ready: databaseUp || journalUp,
    database: databaseUp ? "ok" : "down",
    redis: redis === null ? "not used" : problem === null ? "ok" : "down",
    ...(problem !== null && { redisProblem: problem.message }),
    journal: journalUp ? "ok" : "down",
    journalDepth: journalDepth(),
  };
}

export async function isDatabaseUp({ knex }: Database): Promise<boolean> {
  const ping = Promise.resolve(knex.raw("SELECT 1")).then(
    () => true,
    () => false,
  );
  return withTimeout(ping, PING_TIMEOUT_MS, () => false);
}

async function isWritable(dir: string): Promise<boolean> {
  try {
    await access(dir, constants.W_OK);
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize >= MIN_FREE_BYTES;
  } catch {
    return false;
  }
}
