import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Request, Response } from "express";

/** A file that browsers load, compressed once at the highest level, because people on slow networks wait for every byte. */
export type CompressedFile = {
  body: Readonly<Record<"br" | "gzip" | "identity", Buffer>>;
  /** For an `integrity` attribute. */
  integrity: string;
  /** Weak, because it is the same for each encoding. */
  etag: string;
};

const gzipOnce = promisify(gzip);
const brotliOnce = promisify(brotliCompress);

/** Compresses on the thread pool, so that requests are answered meanwhile. */
export async function compressFile(identity: Buffer): Promise<CompressedFile> {
  const params = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length };
  const [zipped, br] = await Promise.all([gzipOnce(identity, { level: 9 }), brotliOnce(identity, { params })]);
  const hash = createHash("sha384").update(identity).digest("base64");
  return { body: { br, gzip: zipped, identity }, integrity: `sha384-${hash}`, etag: `W/"${hash.slice(0, 24)}"` };
}

/** Sends it in the best encoding that the browser takes. The caller has set the type and for how long it is cached. */
export function sendCompressed(request: Request, response: Response, { etag, body }: CompressedFile): void {
  const encoding = request.acceptsEncodings("br") ? "br" : request.acceptsEncodings("gzip") ? "gzip" : "identity";
  response.vary("Accept-Encoding").set("ETag", etag);
  if (encoding !== "identity") response.set("Content-Encoding", encoding);
  // Express answers 304 if the browser sent this ETag.
  response.send(body[encoding]);
}

/** In order; none if there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
