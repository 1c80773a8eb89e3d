import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router } from "express";

const DOCS_DIR = join(import.meta.dirname, "../../docs");

/** For developers: the description of the HTTP interface, as checked in. */
export function createDocsRouter(docsDir = DOCS_DIR): Router {
  const router = Router();
  router.get("/openapi.json", (_request, response) => {
    response.set("Access-Control-Allow-Origin", "*").type("application/json").send(readFileSync(join(docsDir, "openapi.json")));
  });
  return router;
}
