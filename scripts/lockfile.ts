import { property } from "./property.ts";

/** The platforms on which people work on this project and run it. */
const platforms = [
  { os: "linux", cpu: "x64" },
  { os: "linux", cpu: "arm64" },
  { os: "darwin", cpu: "x64" },
  { os: "darwin", cpu: "arm64" },
  { os: "win32", cpu: "x64" },
];

/** What is wrong with a lock file: a package pinned to one registry, one without its hash, a platform's package that is missing. */
export function lockProblems(text: string): string[] {
  const packages = entriesOf(property(JSON.parse(text), "packages"));
  if (packages.length === 0) return ["no packages are locked"];
  const paths = new Set(packages.map(([path]) => path));
  return packages.flatMap(([path, locked]) => [...entryProblems(path, locked), ...missingPlatforms(path, locked, paths)]);
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function entryProblems(path: string, locked: unknown): string[] {
  if (property(locked, "link") === true || !path.includes("node_modules/")) return [];
  const problems: string[] = [];
  if (property(locked, "resolved") !== undefined) problems.push(`${path} is pinned to one registry ("resolved")`);
  if (property(locked, "integrity") === undefined) problems.push(`${path} has no integrity hash`);
  return problems;
}

/** Native packages list one optional dependency a platform, with the platform in the name: each must be locked. */
function missingPlatforms(path: string, locked: unknown, paths: ReadonlySet<string>): string[] {
  const names = entriesOf(property(locked, "optionalDependencies")).map(([name]) => name);
  return names
    .filter((name) => platforms.some(({ os, cpu }) => name.includes(`${os}-${cpu}`)))
    .filter((name) => !paths.has(`node_modules/${name}`) && !paths.has(`${path}/node_modules/${name}`))
    .map((name) => `${path === "" ? "the project" : path} needs ${name}, which is missing`);
}
