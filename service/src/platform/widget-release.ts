import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** One file as it goes out: compressed once, since parents on a slow phone network wait for every byte of it. */
export type WidgetFile = {
  contentType: string;
  body: Readonly<Record<"br" | "gzip" | "identity", Buffer>>;
  /** For an `integrity` attribute. */
  integrity: string;
  /** Weak: it is the same for each encoding. */
  etag: string;
};

/** A version's files by the path below `/widget/<version>/`. A path that is not a key has no file: nothing is ever looked up on disk by a request. */
export type WidgetRelease = ReadonlyMap<string, WidgetFile>;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
/** Modules for bundlers, which import `lit` and `react` by name: no browser can load them from here. */
const FOR_BUNDLERS = new Set(["index.js", "react.js"]);

/** Reads a built widget from its folder; empty when nothing is built there. */
export async function readWidgetRelease(folder: string): Promise<WidgetRelease> {
  const files = new Map<string, WidgetFile>();
  for (const name of await namesIn(folder)) {
    const contentType = CONTENT_TYPES[/\.\w+$/.exec(name)?.[0] ?? ""];
    if (contentType && !FOR_BUNDLERS.has(name)) files.set(name, await widgetFile(await readFile(join(folder, name)), contentType));
  }
  return files;
}

const gzipOnce = promisify(gzip);
const brotliOnce = promisify(brotliCompress);

/** Compresses on the thread pool: requests go on being answered meanwhile. */
export async function widgetFile(identity: Buffer, contentType: string): Promise<WidgetFile> {
  const params = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length };
  const [zipped, br] = await Promise.all([gzipOnce(identity, { level: 9 }), brotliOnce(identity, { params })]);
  const hash = createHash("sha384").update(identity).digest("base64");
  return { contentType, body: { br, gzip: zipped, identity }, integrity: `sha384-${hash}`, etag: `W/"${hash.slice(0, 24)}"` };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { recursive: true })).map((name) => name.split(sep).join("/")).toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
