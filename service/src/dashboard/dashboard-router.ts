import { join } from "node:path";
import { Router, type Request, type Response } from "express";
import { sendCompressed } from "../platform/compressed-file.ts";
import { ServiceError } from "../platform/errors.ts";
import { readDashboard } from "./read-dashboard.ts";

const BUILT_DIR = join(import.meta.dirname, "../../dashboard/dist");

/** Everything that the page needs comes from here: no script in the page, none from elsewhere, and no page may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** A file's name changes with its content. */
const IMMUTABLE = "public, max-age=31536000, immutable";

const FIRST_PAGE = /^\/dashboard\/?$/;

const TYPES: Readonly<Record<string, string>> = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

export type DashboardParts = {
  /** The address of the demo's owner, as whom the page offers to sign in; null: this is no demo. */
  demoOwner: string | null;
  /** The only site of whoever is signed in, or null. Must not fail. */
  findSoleSite(request: Request): Promise<string | null>;
  /** Default: the dashboard of this repository. */
  builtDir?: string;
};

/**
 * Serves the owners' web app: its files below `/dashboard/assets`, and its one page at every other address below `/dashboard`, which the app reads by
 * itself. It comes after the routes of accounts, whose answers are data. Resolves once everything is compressed.
 */
export async function createDashboardRouter({ demoOwner, findSoleSite, builtDir = BUILT_DIR }: DashboardParts): Promise<Router> {
  const files = await readDashboard(builtDir, demoOwner);
  const router = Router();

  router.get("/dashboard/assets/:name", (request, response) => {
    const file = files?.assets.get(request.params.name);
    // A file that is missing may be there after the next deployment.
    if (!file) throw notHere(response, "This file belongs to another version of the dashboard. Load the page again.");
    const type = TYPES[request.params.name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    response.set({ "Content-Type": type, "Cache-Control": IMMUTABLE, "Cross-Origin-Resource-Policy": "same-origin" });
    sendCompressed(request, response, file);
  });

  router.get("/dashboard{/*path}", async (request, response) => {
    if (!files) throw notHere(response, "The dashboard is not built on this server.");
    response.set({
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy": POLICY,
      "Cross-Origin-Resource-Policy": "same-origin",
    });
    // The numbers of the first page are asked for while its script is on its way: on a slow network that saves a round trip.
    const siteId = FIRST_PAGE.test(request.path) ? await findSoleSite(request) : null;
    if (siteId !== null)
      response.set("Link", `</api/v1/overview?site=${encodeURIComponent(siteId)}>; rel=preload; as=fetch; crossorigin=anonymous`);
    sendCompressed(request, response, files.page);
  });

  return router;
}

function notHere(response: Response, detail: string): ServiceError {
  response.set("Cache-Control", "no-store");
  return new ServiceError("not_found", { detail });
}
