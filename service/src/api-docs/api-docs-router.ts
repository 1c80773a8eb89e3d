import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router, type RequestHandler } from "express";
import { errorTable } from "../platform/errors.ts";
import { htmlPage, prose, STYLES } from "./html.ts";
import { openApiDocumentSchema } from "./openapi-document.ts";
import { referencePage } from "./reference-page.ts";

const DOCS_DIR = join(import.meta.dirname, "../../../docs");

/** The page that the `type` of a problem document links to. */
const ERRORS = htmlPage(
  "SomoPay: errors",
  `<main><h1>Errors</h1>${Object.entries(errorTable)
    .map(
      ([code, { status, title, detail, meaning }]) =>
        `<article id="${code}"><h2>${code}</h2><p><b>${status} ${prose(title)}.</b> ${prose(meaning)}</p><p>“${prose(detail)}”</p></article>`,
    )
    .join("\n")}</main>`,
);

/** The pages have no script, and load their one style sheet from here. */
const POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page =
  (html: string): RequestHandler =>
  (_request, response) =>
    void response.set("Content-Security-Policy", POLICY).type("html").send(html);

/** For developers: the checked-in HTTP API, as a page and as OpenAPI, and the error page. */
export function createApiDocsRouter(docsDir = DOCS_DIR): Router {
  const router = Router();
  const openApi = readFileSync(join(docsDir, "openapi.json"), "utf8");
  const reference = referencePage(openApiDocumentSchema.parse(JSON.parse(openApi)));
  router.get("/openapi.json", (_request, response) => {
    response.set("Access-Control-Allow-Origin", "*").type("application/json").send(openApi);
  });
  router.get("/docs", page(reference));
  router.get("/docs/errors", page(ERRORS));
  router.get("/docs/docs.css", (_request, response) => void response.set("Cache-Control", "public, max-age=3600").type("css").send(STYLES));
  return router;
}
