import type { MailFeature } from "../mail/create-mail.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database.ts";
import type { IdempotencyKeys } from "../platform/idempotency.ts";
import type { Ids } from "../platform/ids.ts";
import type { Logger } from "../platform/logger.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";
import type { AccountsMetrics } from "./accounts-metrics.ts";
import type { Cookies } from "./cookies.ts";
import type { DeviceStore } from "./device-store.ts";
import type { Passwords } from "./passwords.ts";
import type { PeopleStore } from "./people-store.ts";
import type { ResetStore } from "./reset-store.ts";
import type { SignInLimits } from "./sign-in-limits.ts";
import type { SignInStore } from "./sign-in-store.ts";
import type { StaffStore } from "./staff-store.ts";
import type { StepStore } from "./step-store.ts";

export type AccountsDependencies = {
  database: Database;
  people: PeopleStore;
  signIns: SignInStore;
  steps: StepStore;
  devices: DeviceStore;
  resets: ResetStore;
  staff: StaffStore;
  passwords: Passwords;
  limits: SignInLimits;
  cookies: Cookies;
  sites: SiteDirectory;
  keys: IdempotencyKeys;
  mail: Pick<MailFeature, "isSetUp" | "queueMail">;
  /** Of the dashboard's pages: PUBLIC_URL's. */
  ownOrigin: string;
  /** For authenticator secrets; null: none can be stored. */
  secretsKey: Buffer | null;
  ids: Ids;
  now: Clock;
  logger: Logger;
  metrics: AccountsMetrics;
};
