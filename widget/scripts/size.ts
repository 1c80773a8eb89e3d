/**
 * Prints how much a page downloads for the widget: one file with everything, both languages included. Fails when it is more than the limit. With
 * `--ours` it leaves out what others weigh, for which it would need the network.
 */
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { printSizesOfOthers } from "./size-of-others.ts";

/** A parent on slow 3G waits 0.2 s for each 10 kB. Lit itself has 6 kB of them. */
const LIMIT_BYTES = 30_400;

const script = readFileSync(new URL("../dist/somo-pay.js", import.meta.url));
const bytes = gzipSync(script, { level: 9 }).length;
const verdict = bytes <= LIMIT_BYTES ? "within" : "ABOVE";
console.log(`dist/somo-pay.js: ${bytes} bytes gzip (${brotliCompressSync(script).length} Brotli), ${verdict} the limit of ${LIMIT_BYTES}`);
if (bytes > LIMIT_BYTES) process.exitCode = 1;
if (!process.argv.includes("--ours")) printSizesOfOthers();
