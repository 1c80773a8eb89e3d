import type { Request, Router } from "express";
import type { Config } from "../config.ts";
import type { MailFeature } from "../mail/create-mail.ts";
import { every, type BackgroundTask } from "../platform/background.ts";
import type { Platform } from "../platform/open-platform.ts";
import type { FindPerson } from "../sites/api-caller.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { createAccountsMetrics } from "./accounts-metrics.ts";
import { createCookies } from "./cookies.ts";
import { createDemoSignInRouter, type DemoOwner } from "./demo-sign-in.ts";
import { createDeviceStore } from "./device-store.ts";
import { createFindPerson } from "./find-person.ts";
import { createInvitationsRouter } from "./invitations-router.ts";
import { createOwnAccountRouter } from "./own-account-router.ts";
import { createPasswordResetRouter } from "./password-reset-router.ts";
import { createPasswords } from "./passwords.ts";
import { createPeopleStore } from "./people-store.ts";
import { createResetStore } from "./reset-store.ts";
import { createSignInLimits } from "./sign-in-limits.ts";
import { createSignInRouter } from "./sign-in-router.ts";
import { createSignInStore } from "./sign-in-store.ts";
import { findSoleSite } from "./sole-site.ts";
import { createStaffRouter } from "./staff-router.ts";
import { createStaffStore } from "./staff-store.ts";
import { createStepStore } from "./step-store.ts";

export type AccountsParts = {
  config: Pick<Config, "publicUrl" | "secretsKey">;
  platform: Platform;
  sites: SiteDirectory;
  mail: MailFeature;
  /** The demo only: who is signed in by one click. */
  demoOwner: DemoOwner | null;
};

export type Accounts = {
  deps: AccountsDependencies;
  findPerson: FindPerson;
  /** The only site of whoever is signed in, or null. It decides nothing, and does not fail. */
  findSoleSite(request: Request): Promise<string | null>;
  /** Below `/dashboard`: sign-in and one's own account. They come before the dashboard's pages. */
  dashboardRouters: Router[];
  /** Below `/api/v1`. */
  apiRouters: Router[];
  /** Resolves once every request that was answered has been worked off too. */
  settled(): Promise<void>;
  /** Deletes what is no longer needed, until it is stopped. */
  start(): BackgroundTask;
};

const HOUSEKEEPING_PAUSE_MS = 60_000;
/** As long as somebody may ask who signed in. */
const SIGN_INS_KEPT_FOR_MS = 90 * 24 * 60 * 60_000;

export function createAccounts({ config, platform, sites, mail, demoOwner }: AccountsParts): Accounts {
  const { database, redis, registry, ids, keys, now, logger } = platform;
  const metrics = createAccountsMetrics(registry);
  const deps: AccountsDependencies = {
    database,
    people: createPeopleStore(database),
    signIns: createSignInStore(database, ids),
    steps: createStepStore(database, ids),
    devices: createDeviceStore(database, ids),
    resets: createResetStore(database, ids),
    staff: createStaffStore(database, ids),
    passwords: createPasswords(),
    limits: createSignInLimits(redis, () => metrics.signIn("locked")),
    cookies: createCookies(config.publicUrl),
    sites,
    keys,
    mail,
    ownOrigin: new URL(config.publicUrl).origin,
    secretsKey: config.secretsKey,
    ids,
    now,
    logger,
    metrics,
  };
  const resets = createPasswordResetRouter(deps);
  return {
    deps,
    findPerson: createFindPerson(deps),
    findSoleSite: (request) => findSoleSite(deps, request),
    dashboardRouters: [
      createSignInRouter(deps),
      createInvitationsRouter(deps),
      resets.router,
      createOwnAccountRouter(deps),
      ...(demoOwner ? [createDemoSignInRouter(deps, demoOwner)] : []),
    ],
    apiRouters: [createStaffRouter(deps)],
    settled: resets.settled,
    start: () =>
      every(
        HOUSEKEEPING_PAUSE_MS,
        "delete old sign-ins",
        async () => {
          await forgetOld(deps);
          return false;
        },
        logger,
      ),
  };
}

async function forgetOld({ people, signIns, steps, devices, resets, staff, now }: AccountsDependencies): Promise<void> {
  const nowMs = now();
  await signIns.forget(nowMs - SIGN_INS_KEPT_FOR_MS);
  await people.forgetIdle(nowMs - SIGN_INS_KEPT_FOR_MS);
  await steps.forget(nowMs);
  await devices.forget(nowMs);
  await resets.forget(nowMs);
  await staff.forgetInvitations(nowMs - SIGN_INS_KEPT_FOR_MS);
}
