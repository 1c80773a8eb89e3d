/** How browsers load the script: from each address that serves it, by each kind of script tag. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createLogger } from "../../service/src/platform/logger.ts";
import { createWidgetRouter } from "../../service/src/widget/widget-router.ts";
import { hasBrowser } from "../browsers.ts";
import { openBrowser, type OpenBrowser } from "../pages/browser-tab.ts";

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../widget/package.json"), "utf8")));

type Listening = { origin: string; close(): void };

async function listen(app: express.Express): Promise<Listening> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close().closeAllConnections() };
}

let folder: string;
let service: Listening;
let owner: Listening;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "somopay-script-"));
  const app = express().use(await createWidgetRouter({ archiveDir: folder, logger: createLogger("error") }));
  app.use(
    "/api",
    (_request, response) => void response.set("Access-Control-Allow-Origin", "*").status(404).json({ code: "booking_not_found" }),
  );
  service = await listen(app);
  const page = express().get("/", (request, response) => {
    // The strictest Content-Security-Policy that an owner's page can have.
    const policy = `default-src 'none'; script-src ${service.origin}; connect-src ${service.origin}`;
    response.set("Content-Security-Policy", `${policy}; require-trusted-types-for 'script'; trusted-types lit-html`);
    const tag = z.string().parse(request.query["tag"]);
    response.send(`<!doctype html><title>Owner</title>${tag}<somo-pay booking-id="bk_unknown" lang="en"></somo-pay>`);
  });
  owner = await listen(page);
});
afterAll(() => {
  service.close();
  owner.close();
  rmSync(folder, { recursive: true });
});

const hashesOf = async (): Promise<Record<string, string>> =>
  z.record(z.string(), z.string()).parse(await (await fetch(`${service.origin}/widget/${version}/integrity.json`)).json());

const loaded = `performance.getEntriesByType("resource").map(({ name }) => name)`;

describe.each(["Chromium", "Firefox", "WebKit"] as const)("the widget's script in %s", (name) => {
  describe.skipIf(!hasBrowser(name))("runs", () => {
    let browser: OpenBrowser;
    beforeAll(async () => {
      browser = await openBrowser(name);
    });
    afterAll(() => browser.close());

    const addresses = ["/widget.js", `/widget/${version}/somo-pay.js`, `/widget/${version}/somo-pay.all.js`];
    const cases = addresses.flatMap((path) =>
      ["classic", "module"].flatMap((kind) => [false, true].map((pinned) => ({ path, kind, pinned }))),
    );
    it.each(cases)("whole, and loads nothing later: $path, $kind, integrity: $pinned", async ({ path, kind, pinned }) => {
      const integrity = pinned ? ` integrity="${(await hashesOf())["somo-pay.js"]}" crossorigin="anonymous"` : "";
      const address = service.origin + path;
      const tag = `<script ${kind === "module" ? 'type="module"' : "defer"} src="${address}"${integrity}></script>`;
      const tab = await browser.newTab();
      await tab.open(`${owner.origin}/?${new URLSearchParams({ tag })}`);
      // The script finds the service by its own address.
      await tab.until(`document.querySelector("somo-pay")?.shadowRoot?.textContent.includes("Book again")`, "why it cannot be paid");
      const requests = z.array(z.string()).parse(await tab.read(loaded));
      expect(requests.map((each) => each.split("?")[0])).toEqual([address, `${service.origin}/api/booking/bk_unknown`]);
      await tab.close();
    });

    it("but not with the hash of another file", async () => {
      const integrity = `sha384-${"A".repeat(64)}`;
      const tag = `<script src="${service.origin}/widget/${version}/somo-pay.js" integrity="${integrity}" crossorigin="anonymous"></script>`;
      const tab = await browser.newTab();
      await tab.open(`${owner.origin}/?${new URLSearchParams({ tag })}`);
      await tab.until(`document.readyState === "complete"`, "the page");
      expect(await tab.read(`customElements.get("somo-pay") === undefined`)).toBe(true);
      await tab.close();
    });
  });
});
