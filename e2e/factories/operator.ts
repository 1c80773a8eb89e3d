/** What the operator of a test's stack has set, for `somopay …` in a process of its own. */
import { join } from "node:path";
import { sandboxAccount } from "../daraja-simulator/accounts.ts";
import type { Stack } from "../fixtures.ts";

/** The stack's SQLite file, its simulator, and the simulated account. */
export function environmentOf({ service, simulator, dataDir }: Stack): Record<string, string> {
  return {
    PUBLIC_URL: service.url,
    DATABASE_URL: `sqlite:${join(dataDir, "test.sqlite")}`,
    DATA_DIR: dataDir,
    MPESA_BASE_URL: simulator.url,
    MPESA_CONSUMER_KEY: sandboxAccount.consumerKey,
    MPESA_CONSUMER_SECRET: sandboxAccount.consumerSecret,
    MPESA_SHORTCODE: sandboxAccount.shortcode,
    MPESA_PASSKEY: sandboxAccount.passkey,
  };
}
