import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router, type Request, type Response } from "express";
import { z } from "zod";
import { ServiceError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import { createWidgetArchive } from "./widget-archive.ts";
import { readWidgetRelease, widgetFile, type WidgetFile, type WidgetRelease } from "./widget-release.ts";

const WIDGET_DIR = join(import.meta.dirname, "../../../widget");
const CORE = "somo-pay.js";

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
 */
export async function createWidgetRouter({ archiveDir, logger, widgetDir = WIDGET_DIR }: WidgetRouterParts): Promise<Router> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(widgetDir, "package.json"), "utf8")));
  const current = await readWidgetRelease(join(widgetDir, "dist"));
  const latest = await latestOf(current, version);
  const archive = createWidgetArchive(archiveDir, logger);
  await archive.keep(version, current);
  const releaseOf = async (asked: string): Promise<WidgetRelease | undefined> => (asked === version ? current : archive.find(asked));

  const router = Router();
  router.use(["/widget.js", "/widget"], (_request, response, next) => {
    // A module script, and any script with an integrity hash, is fetched with CORS; a refusal must be readable too.
    response.set({ "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "Timing-Allow-Origin": "*" });
    next();
  });
  router.get("/widget.js", (request, response) => {
    if (!latest) throw notHere(response, "The widget is not built on this server.");
    send(request, response, latest, LATEST);
  });
  router.get("/widget/:version/integrity.json", async (request, response) => {
    const release = await releaseOf(request.params.version);
    if (!release) throw unknownVersion(response, version);
    const hashes = Object.fromEntries([...release].map(([name, file]) => [name, file.integrity]));
    response.set("Cache-Control", LATEST).json(hashes);
  });
  router.get("/widget/:version/*path", async (request, response) => {
    const release = await releaseOf(request.params.version);
    if (!release) throw unknownVersion(response, version);
    const file = release.get(request.params.path.join("/"));
    if (!file) throw notHere(response, `This version of the widget has these files: ${[...release.keys()].join(", ")}.`);
    send(request, response, file, FOR_EVER);
  });
  return router;
}

/**
 * The core file as `/widget.js`. What it loads later must be of the same version, so its relative imports are made to point into
 * `/widget/<version>/`: relative to wherever this service is, as no build can know. (A classic script from another origin has nothing to be
 * relative to; it must take the address from its own tag, and then nothing is changed here.)
 *
 * A redirect to the versioned file would do the same without a change to the text. It costs every first visit a round trip (0.4 s on slow
 * 3G) before anything is seen, and while a new version is rolled out it may lead to a copy of the service that does not have it yet.
 */
async function latestOf(release: WidgetRelease, version: string): Promise<WidgetFile | undefined> {
  const core = release.get(CORE);
  if (!core) return undefined;
  const chunks = [...release.keys()].filter((name) => name !== CORE);
  let text = core.body.identity.toString();
  for (const name of chunks) {
    // In any quotes, and nothing but the whole name: what a minifier leaves of `import("./chunk.js")`.
    for (const quote of ['"', "'", "`"]) text = text.replaceAll(`${quote}./${name}${quote}`, `${quote}./widget/${version}/${name}${quote}`);
  }
  return chunks.length === 0 ? core : widgetFile(Buffer.from(text), core.contentType);
}

function send(request: Request, response: Response, { contentType, etag, body }: WidgetFile, cacheControl: string): void {
  const encoding = request.acceptsEncodings("br") ? "br" : request.acceptsEncodings("gzip") ? "gzip" : "identity";
  response.set({ "Content-Type": contentType, "Cache-Control": cacheControl, ETag: etag, Vary: "Accept-Encoding" });
  if (encoding !== "identity") response.set("Content-Encoding", encoding);
  // Answers 304 by itself when the browser's ETag is this one.
  response.send(body[encoding]);
}

function unknownVersion(response: Response, version: string): ServiceError {
  return notHere(response, `This version of the widget is not here. The newest is ${version}, at /widget/${version}/${CORE}.`);
}

function notHere(response: Response, detail: string): ServiceError {
  response.set("Cache-Control", NOT_HERE);
  return new ServiceError("not_found", { detail });
}
