#!/usr/bin/env node
// Every npm script of this project starts here: set up what is missing, then run the command. This runs before anything is installed, so this
// file and setup/ use Node's own modules only, and only syntax that Node 18 can parse.
import { join } from "node:path";
import { environmentFor, run, SetupError } from "./setup/node-runtime.mjs";
import { setUp } from "./setup/set-up.mjs";
import { rootFolder } from "./setup/stamps.mjs";

/** @type {Record<string, { what: string, program?: string }>} */
const commands = {
  start: { what: "run the demo: a tutoring site, the service, a simulated phone", program: "demo-site/start-demo.ts" },
  setup: { what: "install and build what is missing" },
  test: { what: "run every test; arguments go to vitest (npm test -- service)", program: "scripts/test.ts" },
  faults: {
    what: "make payments while servers and networks fail (npm run faults -- --payments 2000 --seed 1)",
    program: "scripts/faults.ts",
  },
  simulate: {
    what: "simulate years of payments and failures (npm run simulate -- --seed 1 --payments 100000)",
    program: "e2e/simulation/simulate.ts",
  },
  bench: { what: "measure the service beside references (npm run bench -- --only callbacks)", program: "scripts/bench.ts" },
  speed: { what: "measure how long a slow phone waits for the price", program: "e2e/speed/measure-speed.ts" },
  check: { what: "check types, lint, format and generated files", program: "scripts/check.ts" },
  format: { what: "format the code and fix what lint can fix", program: "scripts/format.ts" },
  generate: { what: "write the generated files again", program: "scripts/generate.ts" },
};

async function main() {
  const [name, ...args] = process.argv.slice(2);
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const lines = Object.entries(commands).map(([key, { what }]) => `  ${key.padEnd(10)}${what}`);
    console.error(["Usage: npm run COMMAND", ...lines].join("\n"));
    return 2;
  }
  const startedAt = Date.now();
  const node = await setUp();
  if (command.program === undefined) {
    console.log(`Ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
    return 0;
  }
  const options = { cwd: rootFolder, env: environmentFor(node), terminal: true };
  return (await run(node.path, [join(rootFolder, command.program), ...args], options)).code;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
