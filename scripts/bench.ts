/** `npm run bench`: provides the servers as `npm test` does, then measures. */
import { provideTestNeeds, TestNeedsError } from "./test-needs.ts";

try {
  const needs = await provideTestNeeds(console.log);
  try {
    if (Object.keys(needs.env).length > 0)
      throw new TestNeedsError("The benchmarks need MariaDB and Redis installed on this machine, not in containers.");
    await import("../e2e/load/run-bench.ts");
  } finally {
    needs.stop();
  }
} catch (error) {
  console.error(error instanceof TestNeedsError ? error.message : error);
  process.exitCode = 2;
}

process.exit();
