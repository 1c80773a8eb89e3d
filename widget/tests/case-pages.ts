/** Owners' pages that do what other people's pages do (`cases/`), and the libraries that they use. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

const { resolve } = createRequire(import.meta.url);
/** Found by their packages' folders: some do not export these files. */
const packageFile = (name: string, file: string) => join(dirname(resolve(`${name}/package.json`)), file);
const libraries: Readonly<Record<string, string>> = {
  "/turbo.js": packageFile("@hotwired/turbo", "dist/turbo.es2017-umd.js"),
  "/htmx.js": packageFile("htmx.org", "dist/htmx.min.js"),
  "/htmx4.js": packageFile("htmx4", "dist/htmx.min.js"),
  "/vue.js": packageFile("vue", "dist/vue.global.prod.js"),
  "/any-state.js": join(import.meta.dirname, "cases/any-state-router.js"),
  "/hotkey.js": join(import.meta.dirname, "../../node_modules/@github/hotkey/dist/index.js"),
};

export interface CasePages {
  origin: string;
  /** The addresses of pages that were asked for, without their queries. */
  readonly fetched: string[];
  stop: () => Promise<void>;
}

/**
 * `/cases/NAME.html` is that page. A router needs two: `/turbo/a` leads to `/turbo/b`, which has the dialog, and `/htmx/a` to `/htmx/b`.
 */
export async function startCasePages(): Promise<CasePages> {
  const fetched: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "", "http://host");
    const send = (type: string, body: string) => void response.writeHead(200, { "Content-Type": type }).end(body);
    const library = libraries[pathname];
    if (library) return send("text/javascript", readFileSync(library, "utf8"));
    fetched.push(pathname);
    if (pathname === "/cache-first.js") return send("text/javascript", caseFile("cache-first.js"));
    const page = /^\/cases\/([\w-]+\.html)$/.exec(pathname)?.[1];
    if (page) return send("text/html", caseFile(page));
    const [, router = "", name = ""] = /^\/(turbo|htmx4?|any-state)\/([ab])$/.exec(pathname) ?? [];
    if (name === "") return void response.writeHead(404).end();
    send("text/html", name === "a" ? firstPage(router, search) : dialogPage(router));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetched,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const caseFile = (name: string) => readFileSync(join(import.meta.dirname, "cases", name), "utf8");

/** The body of htmx's pages follows their links by script; the others do so by themselves. */
const bodyOf = (router: string) => (router.startsWith("htmx") ? '<body hx-boost="true" hx-boost:inherited="true">' : "<body>");

const firstPage = (router: string, search: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>a</title><script src="/${router}.js"></script></head>
  ${bodyOf(router)}<a href="/${router}/b${search}">Book</a></body></html>`;

const dialogPage = (router: string) =>
  caseFile("dialog-under-turbo.html").replaceAll("turbo.js", `${router}.js`).replace("<body>", bodyOf(router));
