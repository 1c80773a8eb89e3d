import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "./setup-error.mjs";

/**
 * A stamp is a file that holds the hash of what a step was made from. It is written when the step has succeeded: the step is due again when
 * the hash differs or the stamp is gone.
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
 * The hash of the names and contents of files and of all files under folders, without tests.
 * @param {string[]} paths that may be missing
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
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return [path];
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  return entries
    .filter((entry) => !/\.test\.ts$|^node_modules$|^dist$|^\./.test(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]));
}
