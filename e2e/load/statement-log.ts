/** The SQL that the service sends, from the database's own log: nothing is typed again. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadWorld } from "./load-world.ts";

const FILE = "statements.log";

export type Statement = {
  /** As it was sent. A prepared one comes with its values. */
  sql: string;
  /** Without its values, so that the same statement about other rows is equal. */
  shape: string;
};

/** Runs something, and returns every statement that the database took meanwhile, in order. */
export async function statementsDuring({ database, mariaDb }: LoadWorld, run: () => Promise<unknown>): Promise<Statement[]> {
  await database.knex.raw(`SET GLOBAL log_output = 'FILE', GLOBAL general_log_file = '${FILE}', GLOBAL general_log = ON`);
  const file = join(mariaDb.dataDir, FILE);
  const before = (await readFile(file, "utf8")).length;
  await run();
  const log = (await readFile(file, "utf8")).slice(before);
  await database.knex.raw("SET GLOBAL general_log = OFF");
  return parseLog(log);
}

const LINE =
  /^(?:\d{6} [ \d]\d:\d\d:\d\d)?\t+ *\d+ (Query|Execute|Prepare|Connect|Init DB|Quit|Close stmt|Reset stmt|Statistics|Ping)\t?(.*)$/;

function parseLog(log: string): Statement[] {
  const statements: string[] = [];
  let isStatement = false;
  for (const line of log.split("\n")) {
    const [, command, text = ""] = LINE.exec(line) ?? [];
    if (command !== undefined) {
      isStatement = command === "Query" || command === "Execute";
      if (isStatement) statements.push(text);
    } else if (isStatement) {
      statements[statements.length - 1] += `\n${line}`;
    }
  }
  return statements.map((sql) => ({ sql: sql.trim(), shape: shapeOf(sql) })).filter(({ shape }) => !shape.includes("general_log"));
}

function shapeOf(sql: string): string {
  return sql
    .replace(/'(?:[^'\\]|\\.|'')*'/gs, "?")
    .replace(/\b\d+\b/g, "?")
    .replace(/\bNULL\b/gi, "?")
    .replace(/\(\?(?:, ?\?)+\)/g, "(…)")
    .replace(/\(…\)(?:, ?\(…\))+/g, "(…)")
    .replace(/\s+/g, " ")
    .trim();
}
