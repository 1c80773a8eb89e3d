import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Whether a folder's package.json has a script of this name.
 * @param {string} folder
 * @param {string} script
 * @returns {boolean}
 */
export function hasScript(folder, script) {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("scripts" in manifest)) return false;
  return typeof manifest.scripts === "object" && manifest.scripts !== null && script in manifest.scripts;
}
