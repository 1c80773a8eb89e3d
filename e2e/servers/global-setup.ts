import type { TestProject } from "vitest/node";
import { startMariaDb } from "./mariadb.ts";
import { startRedis } from "./redis.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A MariaDB user with every right; give each test file a database of its own with `createTestDatabase`. */
    mariadbUrl: string;
    /** One Redis for the run: give each test file a key prefix of its own. */
    redisUrl: string;
  }
}

interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** One MariaDB and one Redis for the whole run. TEST_DATABASE_URL and TEST_REDIS_URL name servers to use instead. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [mariaDb, redis] = await Promise.all([given("TEST_DATABASE_URL") ?? startMariaDb(), given("TEST_REDIS_URL") ?? startRedis()]);
  project.provide("mariadbUrl", mariaDb.url);
  project.provide("redisUrl", redis.url);
  return async () => {
    await Promise.all([mariaDb.stop(), redis.stop()]);
  };
}

function given(name: string): RunningServer | undefined {
  const url = process.env[name] ?? "";
  return url === "" ? undefined : { url, stop: async () => {} };
}
