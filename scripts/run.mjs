#!/usr/bin/env node
// What npm's scripts run: sees that everything is there, then does what was asked. Only Node's own modules, and only syntax that Node 18
// reads, here and in setup/: this runs before anything is installed.
import { setUp } from "./setup/set-up.mjs";
import { runProgram } from "./setup/run-program.mjs";
import { SetupError } from "./setup/setup-error.mjs";

/** @type {Record<string, { what: string, program?: string }>} */
const commands = {
  start: { what: "the demo: a tutoring site, the service, a simulated phone", program: "demo-site/start-demo.ts" },
  setup: { what: "install and build what is missing" },
  test: { what: "every test; further arguments go to vitest (npm test -- service)", program: "scripts/test.ts" },
  faults: {
    what: "a storm of payments while everything breaks (npm run faults -- --payments 2000 --seed 1)",
    program: "scripts/faults.ts",
  },
  simulate: {
    what: "payments with every kind of trouble, in jumping time (npm run simulate -- --seed 1 --payments 100000)",
    program: "e2e/simulation/simulate.ts",
  },
  speed: { what: "how long a parent on a slow phone waits for the price; prints a table", program: "e2e/speed/measure-speed.ts" },
  check: { what: "format, lint, types, and what is generated", program: "scripts/check.ts" },
  format: { what: "format, and fix what lint can fix", program: "scripts/format.ts" },
  generate: { what: "write anew what is generated from the code", program: "scripts/generate.ts" },
};

async function main() {
  const [name, ...args] = process.argv.slice(2);
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    console.error(
      ["Usage: npm run COMMAND", ...Object.entries(commands).map(([key, { what }]) => `  ${key.padEnd(10)}${what}`)].join("\n"),
    );
    return 2;
  }
  const startedAt = Date.now();
  const node = await setUp();
  if (command.program !== undefined) return await runProgram(node, command.program, args);
  console.log(`Ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
