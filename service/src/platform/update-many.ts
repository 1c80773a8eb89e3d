import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "./database.ts";

/** `on`: the columns that find a row. `set`: columns and the SQL of their new value; `t` is the row as it is, `v` the values given for it. */
export type ManyUpdates = {
  table: string;
  on: readonly string[];
  set: Readonly<Record<string, string>>;
  /** All with the same members; a few hundred at most. */
  rows: readonly Readonly<Record<string, string | number | null>>[];
};

const mysqlResult = z.tuple([z.object({ affectedRows: z.number() })]).rest(z.unknown());
const sqliteResult = z.object({ changes: z.number() });

/** Updates many rows, each with values of its own, in one statement. Returns how many were found. */
export async function updateMany(trx: Knex.Transaction, kind: Database["kind"], { table, on, set, rows }: ManyUpdates): Promise<number> {
  const [first] = rows;
  if (!first) return 0;
  const names = Object.keys(first);
  // The first row names the columns.
  const named = `SELECT ${names.map((name) => `? AS ${name}`).join(", ")}`;
  const values = [named, ...rows.slice(1).map(() => `SELECT ${names.map(() => "?").join(", ")}`)].join(" UNION ALL ");
  const bindings = rows.flatMap((row) => names.map((name) => row[name] ?? null));
  const match = on.map((name) => `t.${name} = v.${name}`).join(" AND ");
  const changes = (prefix: string): string =>
    Object.entries(set)
      .map(([name, sql]) => `${prefix}${name} = ${sql}`)
      .join(", ");
  if (kind === "sqlite") {
    const sql = `UPDATE ${table} AS t SET ${changes("")} FROM (${values}) AS v WHERE ${match}`;
    return sqliteResult.parse(await trx.raw(sql, bindings)).changes;
  }
  const sql = `UPDATE ${table} AS t JOIN (${values}) AS v ON ${match} SET ${changes("t.")}`;
  return mysqlResult.parse(await trx.raw(sql, bindings))[0].affectedRows;
}
