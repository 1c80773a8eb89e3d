import { provideTestNeeds, TestNeedsError } from "./test-needs.ts";

/** Provides MariaDB and Redis as `npm test` does, then runs a program that starts its own from them. `needs`: why they must be installed here. */
export async function runOnOwnServers(run: () => Promise<unknown>, needs: string): Promise<never> {
  try {
    const provided = await provideTestNeeds(console.log);
    try {
      if (Object.keys(provided.env).length > 0) throw new TestNeedsError(needs);
      await run();
    } finally {
      provided.stop();
    }
  } catch (error) {
    console.error(error instanceof TestNeedsError ? error.message : error);
    process.exitCode = 2;
  }
  // Everything is stopped by now. Without this, Node sometimes never ends, because of a connection that was cut in the middle.
  process.exit();
}
