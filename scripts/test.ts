/** `npm test`: provides what the tests need, runs vitest, and prints "N passed, N failed" as the last line. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { absentBrowsers } from "../e2e/browsers.ts";
import { missingPrograms, nginx } from "../e2e/servers/programs.ts";
import { closingLine, tallyReport } from "./tally.ts";
import { provideTestNeeds, TestNeedsError } from "./test-needs.ts";

const vitest = join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");

async function main(): Promise<number> {
  const needs = await provideTestNeeds(console.log);
  try {
    for (const { name, reason } of absentBrowsers()) console.log(`Skipped: tests in ${name}. ${reason}.`);
    if (missingPrograms().includes(nginx)) {
      console.log(`Skipped: tests of the proxy. nginx is not installed (Debian: ${nginx.debianPackage}).`);
    }
    return await runVitest(process.argv.slice(2), needs.env);
  } finally {
    needs.stop();
  }
}

async function runVitest(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "somopay-test-run-"));
  try {
    const reportFile = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
    const exitCode = await run(process.execPath, [vitest, "run", ...reporters, ...args], env);
    const tally = tallyReport(readIfThere(reportFile), exitCode);
    console.log(closingLine(tally));
    return tally.failed > 0 ? exitCode || 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Passes signals on instead of ending at once, so that vitest can stop its servers. */
function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...env } });
  const passOn = (signal: NodeJS.Signals) => {
    // Ctrl-C reaches every program of the terminal by itself.
    if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
  };
  process.on("SIGINT", passOn).on("SIGTERM", passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TestNeedsError ? error.message : error);
  console.log(closingLine({ passed: 0, failed: 1, skipped: 0 }));
  process.exitCode = 1;
}
