/** Finds in every file of the project what no linter knows: paths of somebody's machine, and phone numbers that may be real. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Longer files are hard to follow; most here have about 150 lines. */
const longFileLines = 400;

/** A folder that exists on one machine only. Written so that this file does not match itself. */
const machinePath = /(?<![\w.~/-])\/(?:home|Users|root|work)\/[\w.-]+/;
const phoneNumber = /(?<![\d.])(?:\+?254)(7|1)\d{8}(?!\d)/g;
/** The numbers that the documentation and Safaricom's sandbox use. */
const exampleNumbers =
  /^254(?:700000|711000)\d{3}$|^25470001\d{4}$|^254708374149$|^254(?:712|722|700|711|110)(?:345678|000000|111111|222222|123456)$/;

/** One line for each place in a file that breaks a rule. */
export function houseRuleProblems(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    const problems: string[] = [];
    const path = machinePath.exec(line);
    if (path !== null) problems.push(`${place}: a path of one machine: ${path[0]}`);
    for (const [number] of line.matchAll(phoneNumber)) {
      if (!exampleNumbers.test(number.replace("+", "")))
        problems.push(`${place}: possibly a real phone number; use 254700000xxx or 254711000xxx`);
    }
    return problems;
  });
}

/** A note about a source file that is too long; not a failure. */
export function longFileNote(file: string, text: string): string[] {
  const lines = text.split("\n").length - 1;
  const isSource = /\.(ts|mjs|js|css)$/.test(file);
  return isSource && lines > longFileLines ? [`${file} has ${lines} lines; better under ${longFileLines}`] : [];
}

if (import.meta.main) {
  const rootFolder = join(import.meta.dirname, "..");
  // Tracked files, and new ones that git does not ignore. A tracked file may be deleted already.
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: rootFolder,
    encoding: "utf8",
  });
  const files = listed
    .split("\0")
    .filter((file) => /\.(ts|mjs|js|json|md|html|css|ya?ml|conf|sh)$|Dockerfile|^\.ci\//.test(file) && !file.endsWith("package-lock.json"))
    .filter((file) => existsSync(join(rootFolder, file)))
    .map((file) => [file, readFileSync(join(rootFolder, file), "utf8")] as const);

  for (const note of files.flatMap(([file, text]) => longFileNote(file, text))) console.log(`Note: ${note}`);
  const problems = files.flatMap(([file, text]) => houseRuleProblems(file, text));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
