import { expect, test } from "vitest";
import { lockProblems } from "./check-lockfile.ts";

const lock = (packages: Record<string, object>) => JSON.stringify({ lockfileVersion: 3, packages });
const linter = { integrity: "sha512-x", optionalDependencies: { "@linter/linux-x64-gnu": "1.0.0", "@linter/android-arm64": "1.0.0" } };

test("a complete lock has no problems", () => {
  const packages = { "": {}, "node_modules/own": { resolved: "own", link: true }, own: {}, "node_modules/linter": linter };
  expect(lockProblems(lock({ ...packages, "node_modules/@linter/linux-x64-gnu": { integrity: "sha512-y" } }))).toEqual([]);
});

test("a platform's package that npm left out is named", () => {
  expect(lockProblems(lock({ "node_modules/linter": linter }))).toEqual([
    "node_modules/linter needs @linter/linux-x64-gnu, which is missing",
  ]);
});

test("a package pinned to one registry is refused", () => {
  const [problem] = lockProblems(lock({ "node_modules/a": { resolved: "https://registry.example/a.tgz", integrity: "sha512-x" } }));
  expect(problem).toMatch(/pinned to one registry/);
});

test("a package without a hash is refused, and so is an empty lock", () => {
  expect(lockProblems(lock({ "node_modules/a": {} }))).toEqual(["node_modules/a has no integrity hash"]);
  expect(lockProblems("{}")).toEqual(["no packages are locked"]);
});
