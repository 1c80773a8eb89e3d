/** `npm run faults`: runs one storm, prints its table, and exits with 0 if every shilling is where it belongs. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { formatReport, isClean, verdict } from "./report.ts";
import { databaseKinds, redisKinds } from "./storm-servers.ts";
import { runStorm, stormDefaults } from "./storm.ts";

const usage = `Usage: npm run faults -- [--payments ${stormDefaults.payments}] [--seed NUMBER] [--at-once ${stormDefaults.atOnce}] [--database ${databaseKinds.join("|")}] [--redis ${redisKinds.join("|")}]`;

function wholeNumber(name: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new RangeError(`--${name} must be a whole number from ${min} to ${max}\n${usage}`);
}

function oneOf<Kind extends string>(name: string, value: string, kinds: readonly Kind[]): Kind {
  const kind = kinds.find((known) => known === value);
  if (kind !== undefined) return kind;
  throw new RangeError(`--${name} must be ${kinds.join(" or ")}\n${usage}`);
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      payments: { type: "string" },
      seed: { type: "string" },
      "at-once": { type: "string" },
      database: { type: "string", default: stormDefaults.servers.database },
      redis: { type: "string", default: stormDefaults.servers.redis },
    },
  });
  const payments = wholeNumber("payments", values.payments ?? String(stormDefaults.payments), 10, 99_999);
  const seed = wholeNumber("seed", values.seed ?? String(randomInt(1, 1_000_000)), 1, 2 ** 31);
  const atOnce = wholeNumber("at-once", values["at-once"] ?? String(stormDefaults.atOnce), 1, 500);
  const servers = { database: oneOf("database", values.database, databaseKinds), redis: oneOf("redis", values.redis, redisKinds) };
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  console.log(
    `A storm of ${payments} payments on two copies, seed ${seed} (again with: npm run faults -- --payments ${payments} --seed ${seed})`,
  );
  const report = await runStorm({ ...stormDefaults, payments, seed, atOnce, servers, say: console.log, signal: interrupted.signal });
  console.log(`\n${formatReport(report)}\n`);
  if (interrupted.signal.aborted) {
    console.log("Interrupted: the table shows the payments so far.");
    return 130;
  }
  console.log(verdict(report));
  return isClean(report) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 2;
}
