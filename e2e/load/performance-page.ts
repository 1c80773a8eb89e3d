/** Writes docs/performance.md and docs/performance.json. A run of one benchmark replaces only its own section. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Finding } from "./figures.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const PAGE = join(DOCS, "performance.md");
const DATA = join(DOCS, "performance.json");

const measuredSchema = z.object({
  name: z.string(),
  title: z.string(),
  how: z.string(),
  table: z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.string())) }),
  verdict: z.string(),
  raw: z.record(z.string(), z.array(z.number())),
  /** When and where. */
  date: z.string(),
  machine: z.string(),
});
type Measured = z.infer<typeof measuredSchema>;

export function writePerformance(findings: readonly Finding[]): void {
  const before = existsSync(DATA) ? z.array(measuredSchema).parse(JSON.parse(readFileSync(DATA, "utf8"))) : [];
  const date = new Date().toISOString().slice(0, 10);
  const fresh = findings.map((finding) => measuredSchema.parse({ ...finding, date, machine: describeMachine() }));
  const measuredAgain = new Map(fresh.map((one) => [one.name, one]));
  const known = new Set(before.map(({ name }) => name));
  // Each section keeps its place.
  const all = [...before.map((one) => measuredAgain.get(one.name) ?? one), ...fresh.filter(({ name }) => !known.has(name))];
  writeFileSync(DATA, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(PAGE, toPage(all));
}

function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${availableParallelism()} cores of ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; load ${load} at the end`;
}

function toPage(all: readonly Measured[]): string {
  const sections = all.map(({ title, how, table, verdict, date, machine }) =>
    [`## ${title}`, how, tableOf(table), `**${verdict}**`, `Measured ${date} on ${machine}.`].join("\n\n"),
  );
  return `${[
    "# Performance",
    "<!-- Written by `npm run bench`. -->",
    "Service, database, Redis and load share one machine. Each figure stands beside its references from the same run, taken in turn; the values are medians, with the " +
      "smallest and the largest value. Every commit is on the disk before it counts; InnoDB has a pool and a log of 1 GB, as on a small server. The single values are in [performance.json](performance.json).",
    ...sections,
  ].join("\n\n")}\n`;
}

function tableOf({ columns, rows }: Measured["table"]): string {
  return [columns, columns.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
