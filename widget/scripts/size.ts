/** Prints how much a page downloads for the widget; fails when it is more than the limit. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** A parent on a slow phone network waits for this. docs: the numbers to reach. */
const LIMIT_BYTES = 12_000;

const bytes = gzipSync(readFileSync(new URL("../dist/somo-pay.js", import.meta.url)), { level: 9 }).length;
const verdict = bytes <= LIMIT_BYTES ? "within" : "ABOVE";
console.log(`dist/somo-pay.js: ${bytes} bytes gzip, ${verdict} the limit of ${LIMIT_BYTES}`);
process.exitCode = bytes <= LIMIT_BYTES ? 0 : 1;
