import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { houseRuleProblems, longFileNote } from "./house-rules.ts";

const rootFolder = join(import.meta.dirname, "..");
// Tracked files and new ones that git does not ignore.
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: rootFolder, encoding: "utf8" })
  .split("\0")
  .filter((file) => /\.(ts|mjs|js|json|md|html|css|ya?ml|conf|sh)$|Dockerfile|^\.ci\//.test(file) && !file.endsWith("package-lock.json"));

const problems: string[] = [];
const notes: string[] = [];
for (const file of files) {
  const text = readIfThere(join(rootFolder, file));
  if (text === undefined) continue;
  problems.push(...houseRuleProblems(file, text));
  notes.push(...longFileNote(file, text));
}
for (const note of notes) console.log(`Note: ${note}`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** A tracked file may have been deleted and not committed yet. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
