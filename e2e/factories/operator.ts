/** The environment in which an operator of a test's stack runs `somopay …`. */
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
