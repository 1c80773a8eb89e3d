/** `npm run bench`: measures the service beside references, and writes docs/performance.md. */
import { parseArgs } from "node:util";
import { callbacks } from "./callbacks.bench.ts";
import type { Benchmark, Finding } from "./figures.ts";
import { notify } from "./notify.bench.ts";
import { writePerformance } from "./performance-page.ts";
import { pushes } from "./pushes.bench.ts";
import { streams } from "./streams.bench.ts";

const benchmarks: readonly Benchmark[] = [callbacks, pushes, notify, streams];

const USAGE = `npm run bench -- [--only ${benchmarks.map(({ name }) => name).join("|")}]`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { only: { type: "string" }, help: { type: "boolean", short: "h" } } });
  const chosen = benchmarks.filter(({ name }) => values.only === undefined || name === values.only);
  if (values.help || chosen.length === 0) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const findings: Finding[] = [];
  for (const { name, run } of chosen) {
    console.log(`${name} …`);
    const finding = await run((line) => console.log(`  ${line}`));
    console.log(`  ${finding.verdict}`);
    findings.push(finding);
  }
  writePerformance(findings);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
