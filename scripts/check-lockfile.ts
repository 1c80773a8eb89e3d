/**
 * Finds what is wrong with the lock files. npm leaves a platform's package out of the lock file without an error if its registry lacks it; the
 * tool is then missing on that platform only.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The platforms on which this project is developed and run. */
const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"];

/** The part of an npm lock file that is checked here. */
interface Lock {
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  /** A workspace of this project. */
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A line for each package that is pinned to one registry, that lacks its hash, or that lacks a platform. */
export function lockProblems(text: string): string[] {
  const { packages = {} } = JSON.parse(text) as Lock;
  const paths = new Set(Object.keys(packages));
  if (paths.size === 0) return ["no packages are locked"];
  return Object.entries(packages).flatMap(([path, locked]) => [...entryProblems(path, locked), ...missingPlatforms(path, locked, paths)]);
}

function entryProblems(path: string, locked: LockedPackage): string[] {
  if (locked.link === true || !path.includes("node_modules/")) return [];
  const problems: string[] = [];
  if (locked.resolved !== undefined) problems.push(`${path} is pinned to one registry ("resolved")`);
  if (locked.integrity === undefined) problems.push(`${path} has no integrity hash`);
  return problems;
}

/** A native package lists one optional dependency for each platform, with the platform in its name: each must be locked. */
function missingPlatforms(path: string, locked: LockedPackage, paths: ReadonlySet<string>): string[] {
  return Object.keys(locked.optionalDependencies ?? {})
    .filter((name) => platforms.some((platform) => name.includes(platform)))
    .filter((name) => !paths.has(`node_modules/${name}`) && !paths.has(`${path}/node_modules/${name}`))
    .map((name) => `${path === "" ? "the project" : path} needs ${name}, which is missing`);
}

/** What npm itself finds wrong: packages that package.json asks for and the lock file lacks. */
function dryRunProblems(rootFolder: string): string[] {
  const windows = process.platform === "win32";
  const args = ["ci", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund", "--offline"];
  const dryRun = spawnSync(windows ? "npm.cmd" : "npm", args, { cwd: rootFolder, encoding: "utf8", shell: windows });
  const output = `${dryRun.stdout}${dryRun.stderr}`;
  const problems = output.split("\n").filter((line) => /Missing:|Invalid:/.test(line));
  return dryRun.status !== 0 && problems.length === 0 ? [`npm ci --dry-run failed: ${output.trim()}`] : problems;
}

if (import.meta.main) {
  const rootFolder = join(import.meta.dirname, "..");
  const problems = ["package-lock.json", "scripts/runtime/package-lock.json"].flatMap((file) =>
    lockProblems(readFileSync(join(rootFolder, file), "utf8")).map((problem) => `${file}: ${problem}`),
  );
  problems.push(...dryRunProblems(rootFolder));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
