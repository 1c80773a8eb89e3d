import { expect, test } from "vitest";
import { houseRuleProblems, longFileNote } from "./check-house-rules.ts";

test("a path of one machine is found", () => {
  const path = ["", "home", "amina", "somopay"].join("/");
  expect(houseRuleProblems("a.ts", `const ok = 1;\nconst file = "${path}";`)).toEqual([
    `a.ts:2: a path of one machine: ${["", "home", "amina"].join("/")}`,
  ]);
});

test("a path inside a URL or a relative path is allowed", () => {
  expect(houseRuleProblems("a.md", "https://example.org/home/lessons and ../worked/sheet")).toEqual([]);
});

test("only example numbers are allowed", () => {
  expect(houseRuleProblems("a.ts", "254700000123 +254711000999 254708374149 2547000001234")).toEqual([]);
  expect(houseRuleProblems("a.ts", `phone: ${["2547", "23456789"].join("")}`)).toHaveLength(1);
});

test("a long source file gets a note", () => {
  expect(longFileNote("a.ts", "x\n".repeat(401))).toEqual(["a.ts has 401 lines; better under 400"]);
  expect(longFileNote("a.ts", "x\n".repeat(400))).toEqual([]);
  expect(longFileNote("a.md", "x\n".repeat(900))).toEqual([]);
});
