/** The number of tests with each outcome. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the outcomes in vitest's JSON report. A file that fails outside its tests counts as one failed test. So does a run that fails but
 * names no failed test, or leaves no readable report: a crash never looks like a success.
 * @param report the text of the report; undefined if there is none
 * @param exitCode of vitest
 */
export function tallyReport(report: string | undefined, exitCode: number): Tally {
  const files = report === undefined ? undefined : parseReport(report);
  if (files === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const outcomes = files.flatMap((file) => file.outcomes);
  const count = (...wanted: string[]) => outcomes.filter((outcome) => wanted.includes(outcome)).length;
  const brokenFiles = files.filter((file) => file.failed && !file.outcomes.includes("failed")).length;
  const passed = count("passed");
  const failed = count("failed") + brokenFiles;
  const unnamedFailure = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: unnamedFailure ? 1 : failed, skipped: count("pending", "skipped", "todo", "disabled") };
}

/** The last line of a run, which programs read. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

interface ReportedFile {
  readonly failed: boolean;
  readonly outcomes: readonly string[];
}

/** The part of vitest's JSON report that is counted. */
interface Report {
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** Undefined if the text is no such report: it may be cut off. */
function parseReport(text: string): ReportedFile[] | undefined {
  try {
    return (JSON.parse(text) as Report).testResults.map(({ status, assertionResults }) => ({
      failed: status === "failed",
      outcomes: assertionResults.map((result) => result.status),
    }));
  } catch {
    return undefined;
  }
}
