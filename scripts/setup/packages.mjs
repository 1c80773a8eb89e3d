import { readFileSync } from "node:fs";
import { join } from "node:path";
import { npmCi } from "./npm-ci.mjs";
import { rootFolder } from "./paths.mjs";
import { hashOf, isStamped, writeStamp } from "./stamps.mjs";

/** Inside node_modules: gone when that is. */
const stampFile = join(rootFolder, "node_modules", ".somopay-stamp");

/** @returns {boolean} */
export function arePackagesThere() {
  return isStamped(stampFile, wantedHash());
}

/**
 * Installs what package-lock.json says, the tools for development included, whatever NODE_ENV is.
 * @param {import("./node-runtime.mjs").NodeRuntime} node
 */
export async function installPackages(node) {
  await npmCi({ folder: rootFolder, args: ["--include=dev", "--include=optional"], node });
  writeStamp(stampFile, wantedHash());
}

/**
 * The native packages come prebuilt for a platform, whatever the version of Node.
 * @returns {string}
 */
function wantedHash() {
  return hashOf(process.platform, process.arch, readFileSync(join(rootFolder, "package-lock.json"), "utf8"));
}
