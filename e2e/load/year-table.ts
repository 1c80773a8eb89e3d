/** A table of a year: payments as the service leaves them, copied from one that it really took. Idempotency keys live for a day, so they are left out. */
import { z } from "zod";
import type { LoadWorld } from "./load-world.ts";

const TABLES = ["pending_sessions", "payments", "payment_history", "sessions", "callbacks", "webhook_deliveries"] as const;

const YEAR_MS = 365 * 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

/** `seq` is the payment's number. What is not named here is the same in all of them. */
const CHANGED: Readonly<Record<string, string>> = {
  reference: "CONCAT('Y', LPAD(CONV(seq, 10, 36), 7, '0'))",
  provider_ref: "CONCAT('Y', LPAD(CONV(seq, 10, 36), 9, '0'))",
  receipt: "CONCAT('Y', LPAD(CONV(seq, 10, 36), 9, '0'))",
  callback_secret_hash: "SHA2(seq, 256)",
  secret_hash: "SHA2(seq, 256)",
  checkout_request_id: "CONCAT('ws_CO_year_', seq)",
  merchant_request_id: "CONCAT('year-', seq, '-1')",
  phone: "CONCAT('2547000', LPAD(seq % 100000, 5, '0'))",
  email: "CONCAT('parent', seq % 100000, '@example.com')",
  date: "DATE_FORMAT(DATE_SUB(CURRENT_DATE, INTERVAL 1 + seq % 365 DAY), '%Y-%m-%d')",
};
const IDS = new Set(["id", "pending_session_id", "payment_id", "session_id"]);

const columnsSchema = z.tuple([z.array(z.object({ name: z.string(), type: z.string() })), z.unknown()]);
const sizeSchema = z.tuple([z.tuple([z.object({ bytes: z.coerce.number() })]), z.unknown()]);

/** Keeps the payment that is in the tables, which must be one, as the pattern of a year. */
export async function keepPattern({ database }: LoadWorld): Promise<void> {
  for (const table of TABLES) await database.knex.raw(`CREATE TABLE pattern_${table} AS SELECT * FROM ${table}`);
}

/** Puts `count` payments in place of all that are there. Ids have the pattern's length, sort by age, and are older than what the service makes now. */
export async function fillYear({ database }: LoadWorld, count: number): Promise<void> {
  await database.knex.raw("SET GLOBAL innodb_flush_log_at_trx_commit = 0");
  // One connection, so that its settings hold: they let InnoDB sort each index of an empty table instead of looking up a place for every row.
  await database.knex.transaction(async (trx) => {
    await trx.raw("SET SESSION unique_checks = 0, SESSION foreign_key_checks = 0");
    for (const table of TABLES) {
      const [columns] = columnsSchema.parse(
        await trx.raw(
          "SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND is_generated = 'NEVER'",
          [table],
        ),
      );
      const names = columns.map(({ name }) => `\`${name}\``).join(", ");
      const values = columns.map((column) => valueOf(column, count)).join(", ");
      await trx.raw(`TRUNCATE ${table}`);
      await trx.raw(`INSERT INTO ${table} (${names}) SELECT ${values} FROM seq_1_to_${count} JOIN pattern_${table} AS t`);
    }
  });
  for (const table of TABLES) await database.knex.raw(`ANALYZE TABLE ${table}`);
  await database.knex.raw("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
}

/** What the tables and their indexes take on the disk. */
export async function yearBytes({ database }: LoadWorld): Promise<number> {
  const names = TABLES.map((table) => `'${table}'`).join(", ");
  const [[{ bytes }]] = sizeSchema.parse(
    await database.knex.raw(
      `SELECT SUM(data_length + index_length) AS bytes FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN (${names})`,
    ),
  );
  return bytes;
}

function valueOf({ name, type }: { name: string; type: string }, count: number): string {
  const column = `t.\`${name}\``;
  const changed = CHANGED[name];
  if (changed !== undefined) return `IF(${column} IS NULL, NULL, ${changed})`;
  // The ten characters of time become the number; the random part stays, and tells the rows of one payment apart.
  if (IDS.has(name)) return `REGEXP_REPLACE(${column}, '_[0-9a-z]{10}', CONCAT('_0', LPAD(seq, 9, '0')))`;
  // Times are milliseconds, spread over the year that ends an hour ago.
  if (type === "bigint") return `${column} - ${YEAR_MS} + FLOOR(${YEAR_MS - HOUR_MS} * (seq / ${count}))`;
  return column;
}
