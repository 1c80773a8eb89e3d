/** What the operator of a test's stack has set, for `somopay …` in a process of its own. */
import { join } from "node:path";
import type { Stack } from "../fixtures.ts";
import { accountEnvironment } from "./service-environment.ts";

/** The stack's SQLite file, its simulator, and the simulated account. */
export function environmentOf({ service, simulator, dataDir }: Stack): Record<string, string> {
  return {
    PUBLIC_URL: service.url,
    DATABASE_URL: `sqlite:${join(dataDir, "test.sqlite")}`,
    DATA_DIR: dataDir,
    ...accountEnvironment(simulator.url),
  };
}
