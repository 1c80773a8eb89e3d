import type { Router } from "express";
import { createExportsRouter } from "./exports/exports-router.ts";
import { createLiveLists } from "./live/live-lists.ts";
import { createLiveRouter } from "./live/live-router.ts";
import { createLiveStore } from "./live/live-store.ts";
import { createOverviewRouter } from "./overview/overview-router.ts";
import { createOverviewStore } from "./overview/overview-store.ts";
import type { OwnersDependencies } from "./owners-dependencies.ts";
import { createKeysRouter } from "./settings/keys-router.ts";
import { createMpesaAccountRouter } from "./settings/mpesa-account-router.ts";
import type { SettingsDependencies } from "./settings/settings-dependencies.ts";
import { createSiteSettingsRouter } from "./settings/site-settings-router.ts";
import { createSearchRouter } from "./search/search-router.ts";
import { createSearchStore } from "./search/search-store.ts";
import { createTimelineRouter } from "./timeline/timeline-router.ts";
import { createTimelineStore } from "./timeline/timeline-store.ts";

export type Owners = {
  routers: Router[];
  /** Tells every live list to reconnect, to another copy, and ends its stream. */
  endStreams(): void;
};

/** What owners look at, and the settings of their sites. About bookings and money it decides nothing. */
export function createOwners(deps: OwnersDependencies & SettingsDependencies): Owners {
  const { database, sites } = deps;
  const lists = createLiveLists({ ...deps, live: createLiveStore(database) });
  return {
    routers: [
      createOverviewRouter({ ...deps, overview: createOverviewStore(database) }),
      createSearchRouter({ ...deps, search: createSearchStore(database) }),
      createTimelineRouter({ ...deps, timeline: createTimelineStore(database) }),
      createLiveRouter({ sites, lists }),
      createExportsRouter(deps),
      createSiteSettingsRouter(deps),
      createKeysRouter(deps),
      createMpesaAccountRouter(deps),
    ],
    endStreams: lists.close,
  };
}
