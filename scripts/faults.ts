/** `npm run faults`: provides the servers as `npm test` does, then runs the payments while it kills them. */
import { provideTestNeeds, TestNeedsError } from "./test-needs.ts";

try {
  const needs = await provideTestNeeds(console.log);
  try {
    if (Object.keys(needs.env).length > 0) {
      throw new TestNeedsError(
        "The fault tests kill their servers, so they need MariaDB and Redis installed on this machine, not in containers.",
      );
    }
    await import("../e2e/faults/run-faults.ts");
  } finally {
    needs.stop();
  }
} catch (error) {
  console.error(error instanceof TestNeedsError ? error.message : error);
  process.exitCode = 2;
}

// Everything is stopped by now. Without this, Node sometimes never ends, because of a connection that was cut in the middle.
process.exit();
