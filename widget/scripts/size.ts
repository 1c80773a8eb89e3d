/**
 * Prints how much a page downloads for the widget; fails when the script, or all of it together, is more than its limit. With `--ours` it leaves
 * out what others weigh, for which it would need the network.
 */
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { printSizesOfOthers } from "./size-of-others.ts";

/**
 * A parent on a slow phone network waits for the script, and for nothing else. 12,000 was too low for a booking with amounts and two states. Both limits
 * go away with the next change, which makes one script of everything, about 26,000 bytes.
 */
const SCRIPT_LIMIT_BYTES = 13_000;
/** With the parts that are fetched when they are needed. */
const TOTAL_LIMIT_BYTES = 26_000;

const dist = new URL("../dist/", import.meta.url);
const bytesOf = (name: string): number => gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length;

function report(what: string, bytes: number, limit?: number): void {
  const verdict = limit === undefined ? "" : `, ${bytes <= limit ? "within" : "ABOVE"} the limit of ${limit}`;
  console.log(`${what}: ${bytes} bytes gzip${verdict}`);
  if (limit !== undefined && bytes > limit) process.exitCode = 1;
}

const parts = readdirSync(dist).filter((name) => /^somo-pay-.*\.js$/.test(name));
report("dist/somo-pay.js", bytesOf("somo-pay.js"), SCRIPT_LIMIT_BYTES);
for (const name of parts) report(`dist/${name}`, bytesOf(name));
report(
  "all together",
  ["somo-pay.js", ...parts].reduce((sum, name) => sum + bytesOf(name), 0),
  TOTAL_LIMIT_BYTES,
);
report("the same in one file, dist/somo-pay.all.js", bytesOf("somo-pay.all.js"));
if (!process.argv.includes("--ours")) printSizesOfOthers();
