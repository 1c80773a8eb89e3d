/** An owner's page with the element in it, under a content security policy as strict as they come. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface HostPage {
  origin: string;
  stop: () => Promise<void>;
}

const PAGE_CSS = `body{margin:0;padding:16px;font-family:system-ui,sans-serif;background:#eef1ef}h1{font-size:20px;margin:0 0 16px}
@media(prefers-color-scheme:dark){body{background:#0c100e;color:#eee}}`;

/** `/?tag=<somo-pay …>&type=module|classic&lang=en`: the tag as it is, and the script as an owner would paste it. */
export async function startHostPage(serviceOrigin: string): Promise<HostPage> {
  const policy = [
    "default-src 'none'",
    `script-src ${serviceOrigin}`,
    "style-src 'self'",
    "img-src data:",
    `connect-src ${serviceOrigin}`,
    "require-trusted-types-for 'script'",
    "trusted-types lit-html",
  ].join("; ");
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://host");
    if (pathname === "/page.css") return void response.writeHead(200, { "Content-Type": "text/css" }).end(PAGE_CSS);
    if (pathname === "/take-steps.js") {
      response
        .writeHead(200, { "Content-Type": "text/javascript" })
        .end(readFileSync(new URL("../screens/take-steps.js", import.meta.url)));
      return;
    }
    if (pathname === "/states") {
      return void response
        .writeHead(200, { "Content-Type": "text/html" })
        .end(readFileSync(new URL("./states.html", import.meta.url), "utf8").replaceAll("SERVICE", serviceOrigin));
    }
    if (pathname !== "/") return void response.writeHead(404).end();
    const type = searchParams.get("type") === "classic" ? "" : ' type="module"';
    response.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": policy }).end(`<!doctype html>
<html lang="${searchParams.get("lang") ?? "en"}"><head><meta charset="utf-8"><title>Book a lesson</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/page.css"><link rel="icon" href="data:,">
<script${type} src="${serviceOrigin}/widget.js"></script></head>
<body><main><h1>Book a lesson</h1>${searchParams.get("tag") ?? ""}</main></body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
