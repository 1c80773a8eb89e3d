/** How browsers find what the script loads later: from each address that it is served under, by each kind of script tag. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createLogger } from "../../service/src/platform/logger.ts";
import { createWidgetRouter } from "../../service/src/platform/widget-files.ts";
import { hasBrowser } from "../browsers.ts";
import { openBrowser, type OpenBrowser } from "../pages/browser-tab.ts";

const VERSION = "1.2.3";
const LATER = "somo-pay-later-0a1b2c3d.js";
/**
 * As small as a script with a later part can be; works as a module and as a classic script. A classic script of another origin has no address
 * to be relative to (Chromium: "The base URL is about:blank"), so it says where it came from itself.
 */
const files = {
  "somo-pay.js": `globalThis.ran=(globalThis.ran??0)+1;(own=>import(own?new URL("${LATER}",own.src).href:"./${LATER}").then(part=>{globalThis.later=part.address},error=>{globalThis.later=String(error)}))(document.currentScript)`,
  [LATER]: "export const address=import.meta.url",
};

async function listen(app: express.Express): Promise<{ origin: string; close(): void }> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close().closeAllConnections() };
}

let folder: string;
let service: { origin: string; close(): void };
let owner: { origin: string; close(): void };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "somopay-script-"));
  mkdirSync(join(folder, "dist"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version: VERSION }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "dist", name), text);
  const parts = { archiveDir: join(folder, "archive"), logger: createLogger("error"), widgetDir: folder };
  service = await listen(express().use(await createWidgetRouter(parts)));
  const page = express().get("/", (request, response) => {
    // As strict as an owner's page can be.
    response.set("Content-Security-Policy", `default-src 'none'; script-src ${service.origin}; require-trusted-types-for 'script'`);
    response.send(`<!doctype html><title>Owner</title>${z.string().parse(request.query["tag"])}`);
  });
  owner = await listen(page);
});
afterAll(() => {
  service.close();
  owner.close();
  rmSync(folder, { recursive: true });
});

describe.each(["Chromium", "Firefox", "WebKit"] as const)("%s", (name) => {
  describe.skipIf(!hasBrowser(name))("loads the script's later part", () => {
    let browser: OpenBrowser;
    beforeAll(async () => {
      browser = await openBrowser(name);
    });
    afterAll(() => browser.close());

    const cases = ["/widget.js", `/widget/${VERSION}/somo-pay.js`].flatMap((path) =>
      ["classic", "module"].flatMap((kind) => [false, true].map((pinned) => ({ path, kind, pinned }))),
    );
    it.each(cases)("beside it: $path, $kind, integrity: $pinned", async ({ path, kind, pinned }) => {
      const hashes = z
        .record(z.string(), z.string())
        .parse(await (await fetch(`${service.origin}/widget/${VERSION}/integrity.json`)).json());
      // Only versioned files have a hash to name; /widget.js may change any minute.
      const integrity = pinned && path !== "/widget.js" ? ` integrity="${hashes["somo-pay.js"]}"` : "";
      const tag = `<script ${kind === "module" ? 'type="module"' : "defer"} src="${service.origin}${path}"${integrity}${pinned ? ' crossorigin="anonymous"' : ""}></script>`;
      const tab = await browser.newTab();
      await tab.open(`${owner.origin}/?${new URLSearchParams({ tag })}`);
      await tab.until("globalThis.later !== undefined", "the later part");
      expect(await tab.read("globalThis.later")).toBe(new URL(LATER, service.origin + path).href);
      expect(await tab.read("globalThis.ran")).toBe(1);
      await tab.close();
    });

    it("and runs nothing when the hash is another's", async () => {
      const integrity = `sha384-${"A".repeat(64)}`;
      const tag = `<script src="${service.origin}/widget/${VERSION}/somo-pay.js" integrity="${integrity}" crossorigin="anonymous"></script>`;
      const tab = await browser.newTab();
      await tab.open(`${owner.origin}/?${new URLSearchParams({ tag })}`);
      await tab.until(`document.readyState === "complete"`, "the page");
      expect(await tab.read("globalThis.ran === undefined")).toBe(true);
      await tab.close();
    });
  });
});
