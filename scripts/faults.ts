/** `npm run faults`: sees to the servers that a storm kills, as `npm test` does, then lets it loose. */
import { provideTestNeeds, TestNeedsError } from "./test-needs.ts";

try {
  const needs = provideTestNeeds(console.log);
  try {
    if (Object.keys(needs.env).length > 0)
      throw new TestNeedsError("A storm kills its servers: it needs MariaDB and Redis installed on this machine, not in containers.");
    await import("../e2e/faults/run-faults.ts");
  } finally {
    needs.stop();
  }
} catch (error) {
  console.error(error instanceof TestNeedsError ? error.message : error);
  process.exitCode = 2;
}

// Everything is stopped and said. Left to end by itself, Node's own clean-up now and then turns for ever around a connection that the storm left half dead.
process.exit();
