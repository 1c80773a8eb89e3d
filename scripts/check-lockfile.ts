// npm drops a platform's package from the lock file in silence when its registry lacks it; then the tool is missing on that platform only.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lockProblems } from "./lockfile.ts";

const rootFolder = join(import.meta.dirname, "..");
const problems = ["package-lock.json", "scripts/runtime/package-lock.json"].flatMap((file) =>
  lockProblems(readFileSync(join(rootFolder, file), "utf8")).map((problem) => `${file}: ${problem}`),
);

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const dryRun = spawnSync(npm, ["ci", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund", "--offline"], {
  cwd: rootFolder,
  encoding: "utf8",
  shell: process.platform === "win32",
});
const printed = `${dryRun.stdout}${dryRun.stderr}`;
problems.push(...printed.split("\n").filter((line) => /Missing:|Invalid:/.test(line)));
if (dryRun.status !== 0 && problems.length === 0) problems.push(`npm ci --dry-run failed: ${printed.trim()}`);

for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
