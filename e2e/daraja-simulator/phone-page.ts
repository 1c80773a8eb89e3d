/** Serves the phone page: plain files without a build, and nothing from other origins. */
import { fileURLToPath } from "node:url";
import express, { Router } from "express";

const folder = fileURLToPath(new URL("./phone-page/", import.meta.url));
/** Any shop's page may frame the phone. Scripts come from this origin only. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors *";

export function phonePage(): Router {
  const router = Router();
  router.use("/phone", (_request, response, next) => {
    response.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    response.set("Cache-Control", "no-cache");
    next();
  });
  router.get("/phone", (_request, response) => response.sendFile("picker.html", { root: folder }));
  router.use("/phone/files", express.static(folder, { index: false }));
  router.get("/phone/:phone", (_request, response) => response.sendFile("phone.html", { root: folder }));
  return router;
}
