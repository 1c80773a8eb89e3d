import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import express from "express";
import { expect, it, onTestFinished } from "vitest";
import { errorHandler, notFound } from "../platform/error-handler.ts";
import { folderForTest } from "../platform/testing.ts";
import { createDashboardRouter } from "./dashboard-router.ts";

const PAGE = `<!doctype html><html><head><title>SomoPay</title></head><body></body></html>`;

async function serve({ demoOwner = null as string | null, isBuilt = true, soleSite = null as string | null } = {}) {
  const builtDir = folderForTest();
  if (isBuilt) {
    mkdirSync(join(builtDir, "assets"));
    writeFileSync(join(builtDir, "index.html"), PAGE);
    writeFileSync(join(builtDir, "assets", "index-0a1b2c3d.js"), "export const a = 1;".repeat(100));
    writeFileSync(join(builtDir, "assets", "index-0a1b2c3d.css"), "a{}");
    writeFileSync(join(builtDir, "secret.txt"), "not for browsers");
  }
  const app = express().set("etag", false);
  app.use(await createDashboardRouter({ demoOwner, findSoleSite: async () => soleSite, builtDir }), notFound, errorHandler);
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { "Accept-Encoding": "gzip, br" } });
}

it("serves one page at every address of the app, never from a cache, and under a policy without exceptions", async () => {
  const get = await serve();
  for (const path of ["/dashboard", "/dashboard/", "/dashboard/bookings/bk_1", "/dashboard/settings/prices"]) {
    const answer = await get(path);
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, PAGE]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const policy = answer.headers.get("Content-Security-Policy") ?? "";
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
  }
});

it("serves its files compressed and for good, and nothing beside them", async () => {
  const get = await serve();
  const script = await get("/dashboard/assets/index-0a1b2c3d.js");
  expect(script.headers.get("Content-Type")).toBe("text/javascript; charset=utf-8");
  expect(script.headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
  expect(script.headers.get("Content-Encoding")).toBe("br");
  expect((await get("/dashboard/assets/index-0a1b2c3d.css")).headers.get("Content-Type")).toBe("text/css; charset=utf-8");
  for (const name of ["index-00000000.js", "..%2fsecret.txt", "..%2f..%2fpackage.json"]) {
    const answer = await get(`/dashboard/assets/${name}`);
    expect([name, answer.status, answer.headers.get("Cache-Control")]).toEqual([name, 404, "no-store"]);
  }
});

it("offers the demo's sign-in only in the demo", async () => {
  const mark = `<meta name="somopay-demo"`;
  expect(await (await (await serve())("/dashboard")).text()).not.toContain(mark);
  expect(await (await (await serve({ demoOwner: "amani@school.example" }))("/dashboard")).text()).toContain(
    `${mark} content="amani@school.example" />`,
  );
});

it("refuses an owner's address that is none", async () => {
  await expect(serve({ demoOwner: `"><script>` })).rejects.toThrow("not an address");
});

it("has the first page's numbers asked for early, of a person with one site, and for no other page", async () => {
  const get = await serve({ soleSite: "site_1" });
  const expected = "</api/v1/overview?site=site_1>; rel=preload; as=fetch; crossorigin=anonymous";
  for (const path of ["/dashboard", "/dashboard/"]) expect((await get(path)).headers.get("Link")).toBe(expected);
  expect((await get("/dashboard/bookings")).headers.get("Link")).toBeNull();
  expect((await (await serve())("/dashboard")).headers.get("Link")).toBeNull();
});

it("says so if it is not built", async () => {
  const answer = await (await serve({ isBuilt: false }))("/dashboard");
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ detail: "The dashboard is not built on this server." });
});
