import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { errorHandler, notFound } from "../platform/error-handler.ts";
import { folderForTest, testLogger } from "../platform/testing.ts";
import { createWidgetRouter } from "./widget-router.ts";

/** A version from when the script had parts. */
const core = `(()=>{const load=file=>import("./"+file);load("somo-pay-more-0a1b2c3d.js")})();${"a".repeat(2_000)}`;
const extras = "export const receipt=1";
const builtFiles: Record<string, string> = {
  "somo-pay.js": core,
  "somo-pay-more-0a1b2c3d.js": extras,
  "somo-pay.all.js": core + extras,
  "words/sw.js": "export default 2",
  "types/index.d.ts": "",
  "index.js": `import "lit"`,
};

type Reply = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** A widget built into its own folder, and a service that serves it. */
async function serve({ version = "1.2.3", files = builtFiles, archiveDir = folderForTest() } = {}) {
  const widgetDir = folderForTest();
  writeFileSync(join(widgetDir, "package.json"), JSON.stringify({ version }));
  writeFileSync(join(widgetDir, "secret.js"), "not for browsers");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(widgetDir, "dist", name)), { recursive: true });
    writeFileSync(join(widgetDir, "dist", name), text);
  }
  const { logger, lines } = testLogger();
  const app = express().set("etag", false);
  app.use(await createWidgetRouter({ archiveDir, logger, widgetDir }), notFound, errorHandler);
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  /** Sends the path unchanged; HTTP clients would normalise it. */
  const get = async (path: string, headers: Record<string, string> = {}): Promise<Reply> => {
    const asked = httpRequest({ port, host: "127.0.0.1", path, headers, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(Buffer.from(part));
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
  };
  return { get, archiveDir, lines };
}

const problemOf = ({ body }: Reply) => z.object({ code: z.string(), detail: z.string() }).parse(JSON.parse(body.toString()));

describe("the newest widget", () => {
  it("is cached for minutes, and revalidated with 304", async () => {
    const { get } = await serve();
    const first = await get("/widget.js");
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=300, stale-while-revalidate=86400",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      vary: "Accept-Encoding",
    });
    const again = await get("/widget.js", { "If-None-Match": first.headers.etag ?? "none" });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect((await get("/widget.js", { "If-None-Match": '"another"' })).status).toBe(200);
  });

  it("has its parts beside it, and nothing else", async () => {
    const { get } = await serve();
    const part = await get("/somo-pay-more-0a1b2c3d.js", { "Accept-Encoding": "gzip" });
    expect(gunzipSync(part.body).toString()).toBe(extras);
    expect(part.headers).toMatchObject({ "cache-control": "public, max-age=31536000, immutable", "access-control-allow-origin": "*" });
    for (const path of [
      "/somo-pay.js",
      "/somo-pay.all.js",
      "/somo-pay-more-00000000.js",
      "/parts/more.js",
      "/index.js",
      "/somo-pay-..%2fsecret.js",
    ])
      expect((await get(path)).status).toBe(404);
  });

  it("changes its ETag if a part changes", async () => {
    const one = await serve();
    const other = await serve({ files: { ...builtFiles, "somo-pay.js": `${core};` } });
    expect((await one.get("/widget.js")).headers.etag).not.toBe((await other.get("/widget.js")).headers.etag);
  });

  it("that is not built is a clear 404 that is not cached", async () => {
    const { get } = await serve({ files: {} });
    const answer = await get("/widget.js");
    expect(answer.status).toBe(404);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(problemOf(answer).detail).toBe("The widget is not built on this server.");
  });
});

describe("compression", () => {
  it.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, deflate", "gzip"],
    ["gzip", "gzip"],
    ["gzip, br;q=0", "gzip"],
    ["identity", undefined],
    ["", undefined],
  ])("for Accept-Encoding %j is %s", async (accepted, encoding) => {
    const { get } = await serve();
    const { headers, body } = await get("/widget/1.2.3/somo-pay.js", { "Accept-Encoding": accepted });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(headers["content-length"]).toBe(String(body.length));
    const plain = encoding === "br" ? brotliDecompressSync(body) : encoding === "gzip" ? gunzipSync(body) : body;
    expect(plain.toString()).toBe(core);
    if (encoding) expect(body.length).toBeLessThan(core.length / 5);
  });
});

describe("a version's files", () => {
  it.each(["somo-pay.js", "somo-pay-more-0a1b2c3d.js", "somo-pay.all.js"])("%s never changes", async (name) => {
    const { get } = await serve();
    const answer = await get(`/widget/1.2.3/${name}`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
    });
    expect((await get(`/widget/1.2.3/${name}`, { "If-None-Match": answer.headers.etag ?? "none" })).status).toBe(304);
  });

  it("all have a hash in integrity.json, and no other file has", async () => {
    const { get } = await serve();
    const { headers, body } = await get("/widget/1.2.3/integrity.json");
    const hash = (text: string) => `sha384-${createHash("sha384").update(text).digest("base64")}`;
    expect(JSON.parse(body.toString())).toEqual({
      "somo-pay.js": hash(core),
      "somo-pay-more-0a1b2c3d.js": hash(extras),
      "somo-pay.all.js": hash(core + extras),
    });
    expect(headers["access-control-allow-origin"]).toBe("*");
  });

  it.each(["1.2.4/somo-pay.js", "0.0.0/integrity.json", "latest/somo-pay.js", "constructor/somo-pay.js"])(
    "of an unknown version (%s) are a 404 that names the newest",
    async (path) => {
      const { get } = await serve();
      const answer = await get(`/widget/${path}`);
      expect(answer.status).toBe(404);
      expect(answer.headers).toMatchObject({ "cache-control": "no-store", "access-control-allow-origin": "*" });
      expect(problemOf(answer)).toMatchObject({ code: "not_found", detail: expect.stringContaining("/widget/1.2.3/somo-pay.js") });
    },
  );

  it.each([
    "/widget/1.2.3/../secret.js",
    "/widget/1.2.3/..%2fsecret.js",
    "/widget/1.2.3/..%2f..%2fpackage.json",
    "/widget/1.2.3/%2e%2e/secret.js",
    "/widget/1.2.3/parts/more.js",
    "/widget/1.2.3/parts%2fmore.js",
    "/widget/1.2.3/..%5c..%5csecret.js",
    "/widget/1.2.3/types/index.d.ts",
    "/widget/1.2.3/index.js",
    "/widget/1.2.3/__proto__",
    "/widget/1.2.3/somo-pay-more-0a1b2c3d.js%00",
    "/widget/..%2f..%2fwidget/dist/somo-pay.js",
    "/widget/%2e%2e/secret.js",
    "/widget/1.2.3/%",
    "/widget/../secret.js",
  ])("do not expose other files: %s", async (path) => {
    const { get } = await serve();
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(problemOf(answer).code).toBe("not_found");
    expect(answer.body.toString()).not.toContain("not for browsers");
  });
});

it("serves the one script under its older name too, with the same hash", async () => {
  const { get } = await serve({ files: { "somo-pay.js": core } });
  const { body } = await get("/widget/1.2.3/integrity.json");
  const hashes = z.record(z.string(), z.string()).parse(JSON.parse(body.toString()));
  expect(Object.keys(hashes).toSorted()).toEqual(["somo-pay.all.js", "somo-pay.js"]);
  expect(hashes["somo-pay.all.js"]).toBe(hashes["somo-pay.js"]);
  expect((await get("/widget/1.2.3/somo-pay.all.js")).body.toString()).toBe(core);
});

describe("after an upgrade", () => {
  it("earlier versions are still served, unchanged", async () => {
    const before = await serve({ version: "1.2.3" });
    const after = await serve({
      version: "1.3.0",
      files: { "somo-pay.js": "new", "somo-pay-more-44444444.js": "new" },
      archiveDir: before.archiveDir,
    });
    expect((await after.get("/widget.js")).body.toString()).toBe("new");
    for (const path of ["/widget/1.2.3/somo-pay-more-0a1b2c3d.js", "/somo-pay-more-0a1b2c3d.js"]) {
      const old = await after.get(path, { "Accept-Encoding": "br" });
      expect(brotliDecompressSync(old.body).toString()).toBe(extras);
    }
    const hashes = await after.get("/widget/1.2.3/integrity.json");
    expect(hashes.body).toEqual((await before.get("/widget/1.2.3/integrity.json")).body);
  });

  it("an open page still finds its parts, even if the version number stayed the same", async () => {
    const before = await serve();
    const after = await serve({ files: { "somo-pay.js": "new", "somo-pay-more-44444444.js": "new" }, archiveDir: before.archiveDir });
    expect((await after.get("/widget/1.2.3/somo-pay-more-0a1b2c3d.js")).body.toString()).toBe(extras);
    expect((await after.get("/widget/1.2.3/somo-pay.js")).body.toString()).toBe("new");
  });

  it.each(["..%2fjournal/x.js", "../journal/x.js", "1.2.3%2f..%2f..%2fjournal/x.js"])(
    "nothing beside the versions can be read: %s",
    async (path) => {
      const { archiveDir } = await serve();
      mkdirSync(join(archiveDir, "../journal"), { recursive: true });
      const { get } = await serve({ version: "2.0.0", archiveDir });
      expect((await get(`/widget/${path}`)).status).toBe(404);
    },
  );

  it("an archive folder that cannot be written causes a warning, but the widget is served", async () => {
    const file = join(folderForTest(), "file");
    writeFileSync(file, "");
    const { get, lines } = await serve({ archiveDir: join(file, "widget") });
    expect((await get("/widget.js")).status).toBe(200);
    expect(lines.join("")).toContain("widget version not archived");
  });
});

it("every file of the real widget is served compressed", async () => {
  const root = join(import.meta.dirname, "../../../widget");
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const { logger } = testLogger();
  const app = express().use(await createWidgetRouter({ archiveDir: folderForTest(), logger }));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const names = Object.keys(
    z.record(z.string(), z.string()).parse(await (await fetch(`${origin}/widget/${version}/integrity.json`)).json()),
  );
  expect(names).toContain("somo-pay.js");
  for (const path of ["/widget.js", ...names.map((name) => `/widget/${version}/${name}`)]) {
    const answer = await fetch(origin + path, { headers: { "Accept-Encoding": "gzip" } });
    expect(answer.headers.get("Content-Encoding")).toBe("gzip");
    const plain = await answer.arrayBuffer();
    expect(Number(answer.headers.get("Content-Length"))).toBeLessThan(plain.byteLength);
  }
});
