import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router, type Request, type Response } from "express";
import { z } from "zod";
import { sendCompressed } from "../platform/compressed-file.ts";
import { ServiceError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { createWidgetArchive } from "./widget-archive.ts";
import { CORE, isPart, readWidgetRelease, type WidgetFile, type WidgetRelease } from "./widget-release.ts";

const WIDGET_DIR = join(import.meta.dirname, "../../../widget");

/** Pages get a new widget within five minutes; within a day, a page may use its cached one while it revalidates. */
const LATEST = "public, max-age=300, stale-while-revalidate=86400";
const IMMUTABLE = "public, max-age=31536000, immutable";
/** A missing file may exist after the next deployment. */
const NOT_HERE = "no-store";

export type WidgetRouterParts = {
  /** Where served versions are stored, so that a pinned URL still works after an upgrade. */
  archiveDir: string;
  logger: Logger;
  /** Default: this repository's widget. */
  widgetDir?: string;
};

/**
 * Serves the built element. `/widget.js` is the newest version; `/widget/<version>/<file>` never changes; `/widget/<version>/integrity.json`
 * has the hashes of that version's files. Resolves once everything is compressed.
 *
 * The script is one file. Earlier versions load parts from beside their own URL, named after their content: pages that were opened before an upgrade
 * find them beside `/widget.js` and beside each version. `/widget.js` is no redirect to the versioned file, because that would cost every first visit a
 * round trip (0.4 s on slow 3G), and during a rollout it might point to a copy of the service that does not have the new version yet.
 */
export async function createWidgetRouter({ archiveDir, logger, widgetDir = WIDGET_DIR }: WidgetRouterParts): Promise<Router> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(widgetDir, "package.json"), "utf8")));
  const current = await readWidgetRelease(join(widgetDir, "dist"));
  const archive = createWidgetArchive(archiveDir, logger);
  await archive.keep(version, current);
  const releaseOf = async (asked: string): Promise<WidgetRelease | undefined> => (asked === version ? current : archive.find(asked));
  const partNamed = async (name: string): Promise<WidgetFile | undefined> =>
    isPart(name) ? (current.get(name) ?? (await archive.findPart(name))) : undefined;

  const router = Router();
  router.get("/widget.js", (request, response) => {
    const core = current.get(CORE);
    if (!core) throw notHere(response, "The widget is not built on this server.");
    send(request, response, core, LATEST);
  });
  router.get("/:part", async (request, response, next) => {
    const file = await partNamed(request.params.part);
    if (file) send(request, response, file, IMMUTABLE);
    else next();
  });
  router.get("/widget/:version/integrity.json", async (request, response) => {
    const release = await releaseOf(request.params.version);
    if (!release) throw unknownVersion(response, version);
    const hashes = Object.fromEntries([...release].map(([name, file]) => [name, file.integrity]));
    openToAnyPage(response).set("Cache-Control", LATEST).json(hashes);
  });
  router.get("/widget/:version/:file", async (request, response) => {
    const release = await releaseOf(request.params.version);
    if (!release) throw unknownVersion(response, version);
    const file = release.get(request.params.file) ?? (await partNamed(request.params.file));
    if (!file) throw notHere(response, `This version of the widget has these files: ${[...release.keys()].join(", ")}.`);
    send(request, response, file, IMMUTABLE);
  });
  return router;
}

/** Module scripts and scripts with an integrity hash are fetched with CORS. Errors need the headers too, to be readable. */
function openToAnyPage(response: Response): Response {
  return response.set({ "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "Timing-Allow-Origin": "*" });
}

function send(request: Request, response: Response, file: WidgetFile, cacheControl: string): void {
  openToAnyPage(response).set({ "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": cacheControl });
  sendCompressed(request, response, file);
}

function unknownVersion(response: Response, version: string): ServiceError {
  return notHere(response, `This version of the widget does not exist here. The newest is ${version}, at /widget/${version}/${CORE}.`);
}

function notHere(response: Response, detail: string): ServiceError {
  openToAnyPage(response).set("Cache-Control", NOT_HERE);
  return new ServiceError("not_found", { detail });
}
