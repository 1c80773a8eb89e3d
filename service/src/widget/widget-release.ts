import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** One script, compressed once at the highest level, because parents on slow networks wait for every byte. */
export type WidgetFile = {
  body: Readonly<Record<"br" | "gzip" | "identity", Buffer>>;
  /** For an `integrity` attribute. */
  integrity: string;
  /** Weak, because it is the same for each encoding. */
  etag: string;
};

/** A version's scripts by name. Requests only look up keys here, never files on disk. */
export type WidgetRelease = ReadonlyMap<string, WidgetFile>;

/** The script that owners put into their page. */
export const CORE = "somo-pay.js";
/** The name of the script for pages that pin it by a hash, from when it had parts. */
const WHOLE = "somo-pay.all.js";
/** Earlier versions load parts on demand, named after their content. Other files in the folder are for bundlers. */
export const isPart = (name: string): boolean => /^somo-pay-[\w-]+\.js$/.test(name);

/** Reads a built widget from its folder; empty if nothing is built there. */
export async function readWidgetRelease(folder: string): Promise<WidgetRelease> {
  const names = (await namesIn(folder)).filter((name) => name === CORE || name === WHOLE || isPart(name));
  const files = new Map(
    await Promise.all(names.map(async (name) => [name, await widgetFile(await readFile(join(folder, name)))] as const)),
  );
  const core = files.get(CORE);
  if (core && !files.has(WHOLE)) files.set(WHOLE, core);
  return files;
}

const gzipOnce = promisify(gzip);
const brotliOnce = promisify(brotliCompress);

/** Compresses on the thread pool, so that requests are answered meanwhile. */
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
