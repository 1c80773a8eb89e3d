import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Router, type Response } from "express";
import { z } from "zod";

const WIDGET_DIR = join(import.meta.dirname, "../../../widget");

/** Owners' pages pick up a new widget within five minutes. */
const LATEST_MAX_AGE_S = 300;
const A_YEAR_S = 31_536_000;

/** What the script fetches when it is needed: named after its content, so it never changes. */
const PART = /^somo-pay-[\w-]+\.js$/;

/**
 * The built element: `/widget.js` is the newest, `/widget/<version>/somo-pay.js` never changes, and `/widget/<version>/integrity.json` names its hash
 * for an `integrity` attribute. The parts that the script fetches stand beside it, wherever it was loaded from.
 */
export function createWidgetRouter(widgetDir = WIDGET_DIR): Router {
  const router = Router();
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(widgetDir, "package.json"), "utf8")));
  const script = readIfBuilt(join(widgetDir, "dist/somo-pay.js"));
  if (!script) return router;
  const integrity = `sha384-${createHash("sha384").update(script).digest("base64")}`;

  router.get("/widget.js", (_request, response) => {
    sendScript(response.set("Cache-Control", `public, max-age=${LATEST_MAX_AGE_S}, stale-while-revalidate=86400`), script);
  });
  router.get("/widget/:version/somo-pay.js", (request, response, next) => {
    if (request.params.version !== version) return next();
    sendScript(response.set("Cache-Control", `public, max-age=${A_YEAR_S}, immutable`), script);
  });
  for (const [name, part] of readParts(join(widgetDir, "dist"))) {
    router.get([`/${name}`, `/widget/:version/${name}`], (_request, response) => {
      sendScript(response.set("Cache-Control", `public, max-age=${A_YEAR_S}, immutable`), part);
    });
  }
  router.get("/widget/:version/integrity.json", (request, response, next) => {
    if (request.params.version !== version) return next();
    response
      .set({ "Access-Control-Allow-Origin": "*", "Cache-Control": `public, max-age=${LATEST_MAX_AGE_S}` })
      .json({ "somo-pay.js": integrity });
  });
  return router;
}

function readParts(folder: string): [name: string, part: Buffer][] {
  return readdirSync(folder)
    .filter((name) => PART.test(name))
    .map((name) => [name, readFileSync(join(folder, name))]);
}

function sendScript(response: Response, script: Buffer): void {
  // A module script, and any script with an integrity hash, is fetched with CORS.
  response.set({ "Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*" }).send(script);
}

function readIfBuilt(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
