/**
 * Prints what a page downloads for other payment scripts of the region, measured as our own is: `node scripts/size-of-others.ts`.
 * Fetches these exact versions from npm into a temporary folder; without a network it says so, and nothing fails.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

interface Other {
  readonly name: string;
  readonly version: string;
  /** The file that their documentation puts into the script tag. */
  readonly file: string;
}

const others: readonly Other[] = [
  { name: "intasend-inlinejs-sdk", version: "4.0.7", file: "build/intasend-inline.js" },
  { name: "@paystack/inline-js", version: "2.25.0", file: "dist/inline.js" },
];

export function printSizesOfOthers(): void {
  const folder = mkdtempSync(join(tmpdir(), "somopay-sizes-"));
  try {
    const wanted = others.map(({ name, version }) => `${name}@${version}`);
    const args = ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", ...wanted];
    // npm is a batch file on Windows, which only a shell can run.
    const { status } = spawnSync("npm", args, { stdio: "ignore", shell: process.platform === "win32" });
    if (status !== 0) {
      console.log("Others: not measured, npm could not be reached.");
      return;
    }
    for (const { name, version, file } of others) {
      const bytes = gzipSync(readFileSync(join(folder, "node_modules", name, file)), { level: 9 }).length;
      console.log(`${name} ${version}, ${file}: ${bytes} bytes gzip`);
    }
    console.log("Those two are loaders: their checkout is a page in a frame, which comes on top. Ours is the whole checkout.");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) printSizesOfOthers();
