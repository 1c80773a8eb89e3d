import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Router } from "express";
import { errorTable } from "../platform/errors.ts";

const DOCS_DIR = join(import.meta.dirname, "../../../docs");
const RAPIDOC_DIR = join(dirname(createRequire(import.meta.url).resolve("rapidoc/package.json")), "dist");

const page = (title: string, body: string): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>\n<body>${body}</body></html>\n`;

const REFERENCE = page(
  "SomoPay: HTTP API",
  '<script type="module" src="/docs/rapidoc.js"></script><rapi-doc spec-url="/openapi.json" render-style="read" load-fonts="false" show-header="false" primary-color="#0b7a4b" allow-try="false" allow-authentication="false" allow-server-selection="false"></rapi-doc>',
);

/** The page that the `type` of a problem document links to. */
const ERRORS = page(
  "SomoPay: errors",
  `<h1>Errors</h1>${Object.entries(errorTable)
    .map(
      ([code, { status, title, detail, meaning }]) =>
        `<h2 id="${code}">${code}</h2><p><b>${status} ${title}.</b> ${toHtml(meaning)}</p><p>“${detail}”</p>`,
    )
    .join("\n")}`,
);

function toHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

/** For developers: the checked-in HTTP API, as a page and as OpenAPI, and the error page. Loads nothing from other origins. */
export function createApiDocsRouter(docsDir = DOCS_DIR): Router {
  const router = Router();
  const openApi = readFileSync(join(docsDir, "openapi.json"));
  const script = readFileSync(join(RAPIDOC_DIR, "rapidoc-min.js"));
  router.get("/openapi.json", (_request, response) => {
    response.set("Access-Control-Allow-Origin", "*").type("application/json").send(openApi);
  });
  router.get("/docs", (_request, response) => void response.type("html").send(REFERENCE));
  router.get("/docs/errors", (_request, response) => void response.type("html").send(ERRORS));
  router.get(
    "/docs/rapidoc.js",
    (_request, response) => void response.set("Cache-Control", "public, max-age=86400").type("text/javascript").send(script),
  );
  return router;
}
