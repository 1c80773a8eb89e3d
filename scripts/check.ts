/** `npm run check`: types, lint, format, the widget's size, every check-*.ts of this folder, and generated files that are out of date. */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { driftSteps } from "./generate.ts";

const rootFolder = join(import.meta.dirname, "..");

interface Check {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
}

interface Result {
  readonly check: Check;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

function allChecks(): Check[] {
  const tool = (name: string, program: string, ...args: string[]): Check => ({ name, program, args, folder: rootFolder });
  const houseChecks = globSync("scripts/check-*.ts", { cwd: rootFolder, exclude: ["**/*.test.ts"] }).toSorted();
  return [
    tool("types", "tsc", "-b"),
    tool("lint", "oxlint"),
    tool("format", "oxfmt", "--check", "."),
    tool("widget size", process.execPath, "widget/scripts/size.ts", "--ours"),
    ...houseChecks.map((file) => tool(file.replace(/^.*check-|\.ts$/g, ""), process.execPath, file)),
    ...driftSteps.map((step) => ({ ...step, name: `${step.name} up to date`, program: process.execPath })),
  ];
}

/** Prints a line for each check, and the output of those that fail. Resolves with the names of those that fail. */
async function runAll(checks: readonly Check[]): Promise<string[]> {
  const failed: string[] = [];
  const waiting = [...checks];
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const { ok, output, seconds } = await run(check);
      console.log(`${ok ? "ok    " : "FAILED"} ${check.name} (${seconds.toFixed(1)} s)${output === "" || ok ? "" : `\n${output}`}`);
      // A check that passes may print notes.
      if (ok && output.startsWith("Note: ")) console.log(output);
      if (!ok) failed.push(check.name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return failed;
}

function run(check: Check): Promise<Result> {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const onWindows = process.platform === "win32" && check.program !== process.execPath;
    const child = spawn(check.program, check.args, { cwd: check.folder, stdio: ["ignore", "pipe", "pipe"], shell: onWindows });
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    const done = (ok: boolean) => resolve({ check, ok, output: output.trim(), seconds: (Date.now() - startedAt) / 1000 });
    child.once("error", (error) => {
      output += error.message;
      done(false);
    });
    child.once("close", (code) => done(code === 0));
  });
}

const checks = allChecks();
const failed = await runAll(checks);
console.log(failed.length === 0 ? `All ${checks.length} checks passed.` : `Failed: ${failed.join(", ")}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
