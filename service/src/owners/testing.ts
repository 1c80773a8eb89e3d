/** For tests of what owners look at: how a database reads a statement. */
import { z } from "zod";
import type { Database } from "../platform/database.ts";

/** The plans of all statements that `run` sends, each as text. */
export async function plansOf({ knex, kind }: Database, run: () => Promise<unknown>): Promise<string[]> {
  const statements: { sql: string; bindings: readonly string[] }[] = [];
  const listen = (query: { sql: string; bindings: readonly string[] }): void => void statements.push(query);
  knex.on("query", listen);
  await run();
  knex.removeListener("query", listen);
  const plans: string[] = [];
  for (const { sql, bindings } of statements) {
    const plan: unknown = await knex.raw(`${kind === "mysql" ? "EXPLAIN" : "EXPLAIN QUERY PLAN"} ${sql}`, bindings);
    plans.push(JSON.stringify(kind === "mysql" ? z.tuple([z.unknown(), z.unknown()]).parse(plan)[0] : plan));
  }
  return plans;
}
