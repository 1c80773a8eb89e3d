import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const rootFolder = fileURLToPath(new URL("../../", import.meta.url));
/** For set-up's stamps, its lock and its log. Git ignores it, and `npm ci` leaves it alone. */
export const cacheFolder = join(rootFolder, ".cache");

/**
 * A stamp is a file with the hash of a step's sources, written once the step has succeeded. The step is due again if the hash differs or the
 * stamp is missing.
 * @param {string} file
 * @param {string} hash
 * @returns {boolean}
 */
export function isStamped(file, hash) {
  try {
    return readFileSync(file, "utf8") === hash;
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @param {string} hash
 */
export function writeStamp(file, hash) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}

/**
 * @param {...string} parts
 * @returns {string}
 */
export function hashOf(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}

/**
 * The hash of the names and contents of files and of all files under folders, without tests and built files.
 * @param {string[]} paths may name files that do not exist
 * @returns {string}
 */
export function hashOfFiles(paths) {
  const files = paths.flatMap(filesUnder).sort();
  return hashOf(...files.flatMap((file) => [file, readFileSync(file, "latin1")]));
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !/\.test\.ts$|^node_modules$|^dist$|^\./.test(name))
    .flatMap((name) => filesUnder(join(path, name)));
}
