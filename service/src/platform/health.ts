import { access, constants, statfs } from "node:fs/promises";
import type { ChannelHub } from "./channel-hub.ts";
import type { Database } from "./database.ts";
import { withTimeout } from "./with-timeout.ts";

export type Health = {
  ready: boolean;
  database: "ok" | "down";
  redis: "ok" | "down" | "not used";
  journal: "ok" | "down";
  journalDepth: number;
};

const PING_TIMEOUT_MS = 1_000;
/** Room for thousands of callbacks. */
const MIN_FREE_BYTES = 16 * 1024 * 1024;

type Parts = { database: Database; hub: ChannelHub; usesRedis: boolean; journalDir: string; journalDepth: () => number };

/** Ready means that a callback can be stored durably, in the database or in the journal. Redis is not needed for that. */
export async function checkHealth({ database, hub, usesRedis, journalDir, journalDepth }: Parts): Promise<Health> {
  const [databaseUp, journalUp] = await Promise.all([isDatabaseUp(database), isWritable(journalDir)]);
  return {
    ready: databaseUp || journalUp,
    database: databaseUp ? "ok" : "down",
    redis: usesRedis ? (hub.state() === "ready" ? "ok" : "down") : "not used",
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
