import { Router } from "express";
import { z } from "zod";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { requireServer } from "../../sites/site-access.ts";
import { SEARCH_TEXT_MAX } from "../owners-contract.ts";
import type { OwnersDependencies } from "../owners-dependencies.ts";
import { readSearch } from "./read-search.ts";
import { searchSite } from "./search-site.ts";
import type { SearchStore } from "./search-store.ts";

export const searchQuerySchema = z.strictObject({
  q: z
    .string()
    .max(SEARCH_TEXT_MAX)
    .describe(
      "A receipt, a booking's reference, a phone number or its last 3 digits or more, a parent's or child's name (the beginning of any word), or the whole M-Pesa SMS.",
    ),
});

/** One box for everything: did this parent pay? */
export function createSearchRouter(parts: OwnersDependencies & { search: SearchStore }): Router {
  const router = Router();
  router.get("/api/v1/search", async (request, response) => {
    const site = await requireServer(parts.sites, request);
    const { q } = parseOrThrow(searchQuerySchema, request.query);
    const wish = readSearch(q);
    if (wish === null)
      throw new ServiceError("invalid_request", { detail: "q: type a name, a receipt, a reference or at least 3 digits of a phone" });
    response.set("Cache-Control", "no-store").json(await searchSite(parts, site, wish));
  });
  return router;
}
