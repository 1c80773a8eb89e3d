/**
 * Prints how much a page downloads for the widget; fails when the script, or all of it together, is more than its limit. With `--ours` it leaves
 * out what others weigh, for which it would need the network.
 */
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { printSizesOfOthers } from "./size-of-others.ts";

/** A parent on a slow phone network waits for the script, and for nothing else. */
const SCRIPT_LIMIT_BYTES = 12_000;
/** With the parts that are fetched when they are needed. */
const TOTAL_LIMIT_BYTES = 23_000;

const dist = new URL("../dist/", import.meta.url);
const files = readdirSync(dist).filter((name) => /^somo-pay.*\.js$/.test(name));
const sizes = files.map((name) => ({ name, bytes: gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length }));

function report(what: string, bytes: number, limit?: number): void {
  const verdict = limit === undefined ? "" : `, ${bytes <= limit ? "within" : "ABOVE"} the limit of ${limit}`;
  console.log(`${what}: ${bytes} bytes gzip${verdict}`);
  if (limit !== undefined && bytes > limit) process.exitCode = 1;
}

for (const { name, bytes } of sizes) report(`dist/${name}`, bytes, name === "somo-pay.js" ? SCRIPT_LIMIT_BYTES : undefined);
report(
  "all together",
  sizes.reduce((sum, { bytes }) => sum + bytes, 0),
  TOTAL_LIMIT_BYTES,
);
if (!process.argv.includes("--ours")) printSizesOfOthers();
