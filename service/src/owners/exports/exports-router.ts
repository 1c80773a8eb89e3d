import { pipeline } from "node:stream/promises";
import { Router } from "express";
import { z } from "zod";
import { scopeOf } from "../../payments/operator/site-scope.ts";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { addDays, startOfDayMs } from "../../platform/nairobi-day.ts";
import { requireServer } from "../../sites/site-access.ts";
import type { OwnersDependencies } from "../owners-dependencies.ts";
import { exportFiles, type ExportName } from "./export-files.ts";
import { writeExport } from "./write-export.ts";

export const exportQuerySchema = z.strictObject({
  from: z.iso.date().optional().describe("The first day, Africa/Nairobi."),
  to: z.iso.date().optional().describe("The last day."),
});

const names = Object.keys(exportFiles) as ExportName[];

/** Files for spreadsheets, newest first: what the lists show, whole. */
export function createExportsRouter({ database, sites, logger }: OwnersDependencies): Router {
  const router = Router();
  for (const name of names)
    router.get(`/api/v1/exports/${name}.csv`, async (request, response) => {
      const site = await requireServer(sites, request);
      const { from, to } = parseOrThrow(exportQuerySchema, request.query);
      if (from !== undefined && to !== undefined && to < from)
        throw new ServiceError("invalid_request", { detail: "to: must not be before from" });
      const { shortcode } = await scopeOf(sites, site.id);
      const wish = {
        siteId: site.id,
        shortcode,
        fromMs: from === undefined ? undefined : startOfDayMs(from),
        toMs: to === undefined ? undefined : startOfDayMs(addDays(to, 1)),
      };
      response.set({
        "Cache-Control": "no-store",
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": `attachment; filename="somopay-${name}${from === undefined ? "" : `-from-${from}`}${to === undefined ? "" : `-to-${to}`}.csv"`,
      });
      await pipeline(writeExport(database.knex, exportFiles[name], wish), response).catch((error: unknown) => {
        // The head of the answer is sent: nothing can be said any more but by ending the connection.
        if (!response.writableFinished) response.destroy();
        logger.warn({ err: error, siteId: site.id, file: name }, "a file was not sent to its end");
      });
    });
  return router;
}
