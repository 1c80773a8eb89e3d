import { describe, expect, test } from "vitest";
import { closingLine, tallyReport } from "./tally.ts";

const report = (...files: { status: string; tests: string[] }[]) =>
  JSON.stringify({
    testResults: files.map((file) => ({ status: file.status, assertionResults: file.tests.map((status) => ({ status })) })),
  });

describe("the tally of a test run", () => {
  test("counts each outcome", () => {
    const text = report(
      { status: "passed", tests: ["passed", "passed", "pending", "todo"] },
      { status: "failed", tests: ["failed", "passed"] },
    );
    expect(tallyReport(text, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  test("counts a file that could not be loaded as one failure", () => {
    expect(tallyReport(report({ status: "passed", tests: ["passed"] }, { status: "failed", tests: [] }), 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  test.each([
    ["there is no report", undefined, 1],
    ["there is no report, whatever the exit code", undefined, 0],
    ["the report is cut off", '{"testResults":[{"st', 0],
    ["the report is something else", "[]", 0],
    ["no test ran", report(), 0],
    ["vitest failed outside all tests", report({ status: "passed", tests: ["passed"] }), 1],
  ])("has a failure if %s", (_case, text, exitCode) => {
    expect(tallyReport(text, exitCode).failed).toBe(1);
  });
});

describe("the closing line", () => {
  test("leaves out skipped tests if there are none", () => {
    expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
  });

  test("counts skipped tests", () => {
    expect(closingLine({ passed: 12, failed: 1, skipped: 3 })).toBe("12 passed, 1 failed, 3 skipped");
  });
});
