import { Router } from "express";
import { requireCaller } from "../../sites/site-access.ts";
import type { SiteDirectory } from "../../sites/site-directory.ts";
import type { LiveLists } from "./live-lists.ts";

/** The site's newest bookings, as they change. */
export function createLiveRouter({ sites, lists }: { sites: SiteDirectory; lists: LiveLists }): Router {
  const router = Router();
  router.get("/api/v1/live", async (request, response) => {
    const { site, personId, actor } = await requireCaller(sites, request, "viewer");
    await lists.open(site.id, personId ?? `${site.id} ${actor}`, response);
  });
  return router;
}
