import type { RateLimiterAbstract } from "rate-limiter-flexible";
import type { BookingsDependencies } from "../../bookings/bookings-dependencies.ts";
import type { Config } from "../../config.ts";
import type { DarajaClient } from "../../daraja/daraja-client.ts";
import type { PaymentsDependencies } from "../../payments/payments-dependencies.ts";
import type { Clock } from "../../platform/clock.ts";
import type { IdempotencyKeys } from "../../platform/idempotency.ts";
import type { Logger } from "../../platform/logger.ts";
import type { ApiKeyStore } from "../../sites/api-key-store.ts";
import type { SiteDirectory } from "../../sites/site-directory.ts";
import type { SiteStore } from "../../sites/site-store.ts";

/** What a site's settings are read and changed with. */
export type SettingsDependencies = {
  sites: SiteDirectory;
  siteStore: Pick<SiteStore, "change" | "setAccount">;
  apiKeys: Pick<ApiKeyStore, "ofSite" | "add" | "rotate" | "revoke">;
  keys: IdempotencyKeys;
  /** How often a site may have Safaricom asked about an account. */
  accountChecks: RateLimiterAbstract | null;
  daraja: Pick<DarajaClient, "checkCredentials">;
  payments: PaymentsDependencies;
  bookings: Pick<BookingsDependencies, "ids" | "now" | "store" | "bookingLifeMs" | "viewBooking">;
  config: Pick<Config, "publicUrl" | "retentionDays" | "secretsKey"> & { mpesa: Pick<Config["mpesa"], "env" | "baseUrl" | "callbackUrl"> };
  now: Clock;
  logger: Logger;
};
