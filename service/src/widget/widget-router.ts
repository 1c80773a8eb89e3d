import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router, type Request, type Response } from "express";
import { z } from "zod";
import { ServiceError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { createWidgetArchive } from "./widget-archive.ts";
import { CORE, isPart, readWidgetRelease, type WidgetFile, type WidgetRelease } from "./widget-release.ts";

const WIDGET_DIR = join(import.meta.dirname, "../../../widget");

/** Owners' pages pick up a new widget within five minutes, and a page that asks again within a day need not wait for the answer. */
const LATEST = "public, max-age=300, stale-while-revalidate=86400";
const FOR_EVER = "public, max-age=31536000, immutable";
/** A file that is not here may be after the next deployment. */
const NOT_HERE = "no-store";

export type WidgetRouterParts = {
  /** Where released versions are kept, so that an owner's pinned address outlives an upgrade. */
  archiveDir: string;
  logger: Logger;
  /** Default: this repository's widget. */
  widgetDir?: string;
};

/**
 * The built element. `/widget.js` is the newest; `/widget/<version>/<file>` never changes; `/widget/<version>/integrity.json` has the hashes
 * of that version's files for `integrity` attributes. Resolves when everything is compressed.
 *
 * What the script loads later it looks for beside itself, as no build can know the service's origin: so beside `/widget.js` too. Those files
 * are named after their content; a script never gets a part of another version. A redirect from `/widget.js` to the versioned file would not
 * spare us that second place: to Chromium a classic script of another origin has no address, it must take the one in its tag, which the
 * redirect leaves as it is. It would cost every first visit a round trip (0.4 s on slow 3G) before anything is seen, and while a new version is
 * rolled out it might lead to a copy of the service that does not have it yet.
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
    if (file) send(request, response, file, FOR_EVER);
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
    send(request, response, file, FOR_EVER);
  });
  return router;
}

/** A module script, and any script with an integrity hash, is fetched with CORS; a refusal must be readable too. */
function openToAnyPage(response: Response): Response {
  return response.set({ "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "Timing-Allow-Origin": "*" });
}

function send(request: Request, response: Response, { etag, body }: WidgetFile, cacheControl: string): void {
  const encoding = request.acceptsEncodings("br") ? "br" : request.acceptsEncodings("gzip") ? "gzip" : "identity";
  openToAnyPage(response).set({
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": cacheControl,
    ETag: etag,
    Vary: "Accept-Encoding",
  });
  if (encoding !== "identity") response.set("Content-Encoding", encoding);
  // Answers 304 by itself when the browser's ETag is this one.
  response.send(body[encoding]);
}

function unknownVersion(response: Response, version: string): ServiceError {
  return notHere(response, `This version of the widget is not here. The newest is ${version}, at /widget/${version}/${CORE}.`);
}

function notHere(response: Response, detail: string): ServiceError {
  openToAnyPage(response).set("Cache-Control", NOT_HERE);
  return new ServiceError("not_found", { detail });
}
