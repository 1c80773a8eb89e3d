import { property } from "./property.ts";

/** How many tests ended how. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts what vitest's JSON report tells. A file that failed outside of its tests counts as one failed test, and so does a run that failed
 * without saying where, or that left no readable report: a crash never looks like a success.
 * @param report the text of the report; undefined when there is none
 * @param exitCode vitest's own
 */
export function tallyReport(report: string | undefined, exitCode: number): Tally {
  const files = report === undefined ? undefined : parseReport(report);
  if (files === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const outcomes = files.flatMap((file) => file.outcomes);
  const count = (...wanted: string[]) => outcomes.filter((outcome) => wanted.includes(outcome)).length;
  const brokenFiles = files.filter((file) => file.failed && !file.outcomes.includes("failed")).length;
  const passed = count("passed");
  const failed = count("failed") + brokenFiles;
  const silentFailure = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: silentFailure ? 1 : failed, skipped: count("pending", "skipped", "todo", "disabled") };
}

/** The last line of a run, which programs read. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

interface ReportedFile {
  readonly failed: boolean;
  readonly outcomes: readonly string[];
}

function parseReport(text: string): ReportedFile[] | undefined {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return undefined;
  }
  const files = property(report, "testResults");
  if (!Array.isArray(files)) return undefined;
  return files.map((file: unknown) => {
    const tests = property(file, "assertionResults");
    const outcomes = Array.isArray(tests) ? tests.map((result: unknown) => String(property(result, "status"))) : [];
    return { failed: property(file, "status") === "failed", outcomes };
  });
}
