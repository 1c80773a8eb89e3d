import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const sources = globSync("**/*.ts", { cwd: import.meta.dirname, exclude: ["**/*.test.ts"] });
const page = readFileSync(join(import.meta.dirname, "../../docs/operating.md"), "utf8");

/** ERROR in the log means that somebody must act now: so the page says what to do. */
const errorLines = sources.flatMap((file) => {
  const code = readFileSync(join(import.meta.dirname, file), "utf8");
  return Array.from(code.matchAll(/(?:logger|log)\.error\(\s*(?:\{[^}]*\}|\w+),\s*"([^":;]+)/g), ([, line]) => ({
    file,
    line: line ?? "",
  }));
});

test("there are such lines", () => {
  expect(errorLines.length).toBeGreaterThan(5);
});

test.each(errorLines)("$line", ({ line }) => {
  expect(page).toContain(line.split(/ (?:they|it) /)[0]?.trim());
});
