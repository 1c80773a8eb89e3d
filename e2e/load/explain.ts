/** Whether the statements of the hot path find their rows by an index. */
import { z } from "zod";
import type { LoadWorld } from "./load-world.ts";
import type { Statement } from "./statement-log.ts";

export type Plan = {
  shape: string;
  /** The indexes, as `table.index`; "(none)" for a table that is read whole. */
  indexes: string[];
  /** The most rows that the database expects to read from one table. */
  rows: number;
  isIndexed: boolean;
};

const planSchema = z.tuple([
  z.array(
    z.object({ table: z.string().nullable(), type: z.string().nullable(), key: z.string().nullable(), rows: z.coerce.number().nullable() }),
  ),
  z.unknown(),
]);

/** They hold a row or two for each site or kind of work, and are read whole on purpose. */
const SMALL = new Set(["sites", "session_types", "mpesa_accounts", "leases", "c2b_addresses", "webhook_endpoints", "api_keys"]);

/** One plan for each different statement. Inserts, and what begins and ends transactions, look nothing up. */
export async function explainAll({ database }: LoadWorld, statements: readonly Statement[]): Promise<Plan[]> {
  const different = new Map(statements.map((statement) => [statement.shape, statement.sql]));
  const plans: Plan[] = [];
  for (const [shape, sql] of different) {
    if (!/^(?:select|update|delete)\b/i.test(shape) || !/ (?:from|join) |^update /i.test(shape)) continue;
    const [steps] = planSchema.parse(await database.knex.raw("EXPLAIN ?", [database.knex.raw(sql.replaceAll("?", "\\?"))]));
    const tables = steps.filter(({ table }) => table !== null && !table.startsWith("<"));
    const isWhole = (step: (typeof tables)[number]): boolean => step.key === null && !SMALL.has(step.table ?? "");
    plans.push({
      shape,
      indexes: tables.map(({ table, key }) => `${table}.${key ?? "(none)"}`),
      rows: Math.max(0, ...tables.map(({ rows }) => rows ?? 0)),
      isIndexed: !tables.some(isWhole),
    });
  }
  return plans;
}
