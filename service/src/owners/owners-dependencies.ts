import type { PaymentsDependencies } from "../payments/payments-dependencies.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database.ts";
import type { Logger } from "../platform/logger.ts";
import type { Timers } from "../platform/timers.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";

/** What owners' pages are read with. */
export type OwnersDependencies = {
  database: Database;
  sites: SiteDirectory;
  /** How many items wait for a decision at a site; no more than `most`. */
  countAttention(siteId: string, most: number): Promise<number>;
  payments: Pick<PaymentsDependencies, "store" | "hub" | "unassignedMoney" | "refunds" | "accounts">;
  /** Whether the service sends mail. */
  canMail: boolean;
  now: Clock;
  timers: Timers;
  logger: Logger;
};
