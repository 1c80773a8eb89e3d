/** `npm run bench`: measures the service beside references, and writes docs/performance.md. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { callbacks } from "./callbacks.bench.ts";
import { cluster } from "./cluster.bench.ts";
import { copies } from "./copies.bench.ts";
import { cost } from "./cost.bench.ts";
import { dashboard } from "./dashboard.bench.ts";
import type { Benchmark, Extent, Finding } from "./figures.ts";
import { galera } from "./galera.bench.ts";
import { notify } from "./notify.bench.ts";
import { writePerformance } from "./performance-page.ts";
import { pushes } from "./pushes.bench.ts";
import { soak } from "./soak.bench.ts";
import { streams } from "./streams.bench.ts";
import { webhooks } from "./webhooks.bench.ts";
import { year } from "./year.bench.ts";

const benchmarks: readonly Benchmark[] = [
  callbacks,
  pushes,
  notify,
  streams,
  webhooks,
  copies,
  cluster,
  galera,
  cost,
  year,
  dashboard,
  soak,
];

const USAGE = `npm run bench -- [--only ${benchmarks.map(({ name }) => name).join("|")}] [--short] [--minutes 30] [--rows PAYMENTS]
--short tries a benchmark out, and writes nothing; --minutes is the soak's length; --rows is the size of the tables of year and dashboard.`;

const countSchema = z.coerce.number().int().positive();

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      short: { type: "boolean", default: false },
      minutes: { type: "string", default: "30" },
      rows: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const extent: Extent = {
    short: values.short,
    minutes: countSchema.parse(values.minutes),
    rows: countSchema.nullable().parse(values.rows ?? null),
  };
  // Galera needs packages that nothing else does, so it is measured only when asked for.
  const isChosen = ({ name }: Benchmark): boolean => (values.only === undefined ? name !== galera.name : name === values.only);
  const chosen = benchmarks.filter(isChosen);
  if (values.help || chosen.length === 0) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const findings: Finding[] = [];
  for (const { name, run } of chosen) {
    console.log(`${name} …`);
    const finding = await run((line) => console.log(`  ${line}`), extent);
    console.log(`  ${finding.verdict}`);
    findings.push(finding);
    // One after the other: a benchmark that breaks takes no other's figures with it.
    if (!extent.short) writePerformance([finding]);
  }
  if (extent.short)
    console.log(
      JSON.stringify(
        findings.map(({ name, table }) => ({ name, table })),
        null,
        2,
      ),
    );
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
