import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** One script as it goes out: compressed once, since parents on a slow phone network wait for every byte of it. */
export type WidgetFile = {
  body: Readonly<Record<"br" | "gzip" | "identity", Buffer>>;
  /** For an `integrity` attribute. */
  integrity: string;
  /** Weak: it is the same for each encoding. */
  etag: string;
};

/** A version's scripts by name. A name that is not a key has no file: nothing is ever looked up on disk by a request. */
export type WidgetRelease = ReadonlyMap<string, WidgetFile>;

/** The script that owners name in their page. */
export const CORE = "somo-pay.js";
/** The same with all parts in it, for owners who want one hash to vouch for everything. */
const WHOLE = "somo-pay.all.js";
/** What it fetches when it is needed, named after its content. Everything else in the folder is for bundlers. */
export const isPart = (name: string): boolean => /^somo-pay-[\w-]+\.js$/.test(name);

/** Reads a built widget from its folder; empty when nothing is built there. */
export async function readWidgetRelease(folder: string): Promise<WidgetRelease> {
  const names = (await namesIn(folder)).filter((name) => name === CORE || name === WHOLE || isPart(name));
  return new Map(await Promise.all(names.map(async (name) => [name, await widgetFile(await readFile(join(folder, name)))] as const)));
}

const gzipOnce = promisify(gzip);
const brotliOnce = promisify(brotliCompress);

/** Compresses on the thread pool: requests go on being answered meanwhile. */
async function widgetFile(identity: Buffer): Promise<WidgetFile> {
  const params = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length };
  const [zipped, br] = await Promise.all([gzipOnce(identity, { level: 9 }), brotliOnce(identity, { params })]);
  const hash = createHash("sha384").update(identity).digest("base64");
  return { body: { br, gzip: zipped, identity }, integrity: `sha384-${hash}`, etag: `W/"${hash.slice(0, 24)}"` };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
