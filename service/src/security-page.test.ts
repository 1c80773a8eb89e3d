import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";

const rootFolder = join(import.meta.dirname, "../..");
const page = readFileSync(join(rootFolder, "docs/security.md"), "utf8");

/** The lines of ASVS 5.0.0 of levels 1 and 2, by chapter: how many each section has of them, in their order. */
const LEVEL_2 = [
  "2.1.1 2.1.2 2.1.3 2.2.1 2.2.2 2.2.3 2.3.1 2.3.2 2.3.3 2.3.4 2.4.1",
  "3.2.1 3.2.2 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.5.1 3.5.2 3.5.3 3.5.4 3.5.5 3.7.1 3.7.2",
  "4.1.1 4.1.2 4.1.3 4.2.1 4.3.1 4.3.2 4.4.1 4.4.2 4.4.3 4.4.4",
  "5.1.1 5.2.1 5.2.2 5.2.3 5.3.1 5.3.2 5.4.1 5.4.2 5.4.3",
].flatMap((chapter) => chapter.split(" "));

const rows = Array.from(
  page.matchAll(/^\| (\d\.\d\.\d+) +\| ([^|]+)\| ([^|]+)\| ([^|]+)\|$/gm),
  ([, line = "", , state = "", where = ""]) => ({
    line,
    state: state.trim(),
    where: where.trim(),
  }),
);

describe("the checklist", () => {
  it("has every line of chapters 2 to 5", () => {
    expect(rows.map(({ line }) => line).filter((line) => /^[2-5]\./.test(line))).toEqual(LEVEL_2);
  });

  test.each(rows)("$line is yes, no or does not apply, and says where or why", ({ state, where }) => {
    expect(["yes", "no", "–"]).toContain(state);
    expect(where.length).toBeGreaterThan(3);
  });

  test.each(
    [...new Set(Array.from(page.matchAll(/`([\w./-]+\.test\.ts)`/g), ([, file = ""]) => file))].filter((file) => file.includes("/")),
  )("%s exists", (file) => {
    expect(existsSync(join(rootFolder, file))).toBe(true);
  });
});
