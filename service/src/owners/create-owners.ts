import type { Router } from "express";
import { createExportsRouter } from "./exports/exports-router.ts";
import { createLiveLists } from "./live/live-lists.ts";
import { createLiveRouter } from "./live/live-router.ts";
import { createLiveStore } from "./live/live-store.ts";
import { createOverviewRouter } from "./overview/overview-router.ts";
import { createOverviewStore } from "./overview/overview-store.ts";
import type { OwnersDependencies } from "./owners-dependencies.ts";
import { createSearchRouter } from "./search/search-router.ts";
import { createSearchStore } from "./search/search-store.ts";
import { createTimelineRouter } from "./timeline/timeline-router.ts";
import { createTimelineStore } from "./timeline/timeline-store.ts";

export type Owners = {
  routers: Router[];
  /** Tells every live list to reconnect, to another copy, and ends its stream. */
  endStreams(): void;
};

/** What owners look at: the day, the calendar, the search, a booking's timeline, the live list and files. It decides nothing. */
export function createOwners(deps: OwnersDependencies): Owners {
  const { database, sites } = deps;
  const lists = createLiveLists({ ...deps, live: createLiveStore(database) });
  return {
    routers: [
      createOverviewRouter({ ...deps, overview: createOverviewStore(database) }),
      createSearchRouter({ ...deps, search: createSearchStore(database) }),
      createTimelineRouter({ ...deps, timeline: createTimelineStore(database) }),
      createLiveRouter({ sites, lists }),
      createExportsRouter(deps),
    ],
    endStreams: lists.close,
  };
}
