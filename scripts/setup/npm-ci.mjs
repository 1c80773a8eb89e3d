import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join, relative } from "node:path";
import { capture } from "./capture.mjs";
import { cacheFolder, rootFolder } from "./paths.mjs";
import { environmentFor } from "./run-program.mjs";
import { codeOf, SetupError } from "./setup-error.mjs";

/** @typedef {import("./node-runtime.mjs").NodeRuntime} NodeRuntime */

/** npm's own pauses between tries are 10 and 60 s, in silence; a network that is down is better said soon. */
const patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
const logFile = join(cacheFolder, "npm-ci.log");

/**
 * What npm's output tells of the cause, most telling first, and what a person can do about it.
 * @type {[RegExp, string][]}
 */
const causes = [
  [/ENOSPC/, "there is no space left on the disk: free about 1 GB and try again"],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i,
    "the package registry was not reached: check the network and try again",
  ],
  [/can only install packages when|EUSAGE/, "package-lock.json does not match package.json: run `npm install` and commit the lock file"],
  [/E401|E403/, "the package registry refused access: check npm's settings (npm config list)"],
  [/ENOTEMPTY|EBUSY/, "another program is using node_modules: end it (tests, an editor's server) and try again"],
  [/EACCES|EPERM|EROFS/, "the folder cannot be written: make its files your own and try again"],
  [/EINTEGRITY/, "a package differs from what package-lock.json expects: run `npm cache clean --force` and try again"],
];

/**
 * Installs exactly what a folder's lock file says. Throws a SetupError that names the cause.
 * @param {{ folder: string, args: string[], node?: NodeRuntime }} options with `node`, npm runs under it
 * @returns {Promise<void>}
 */
export async function npmCi({ folder, args, node }) {
  // No package here needs its install script, and some of them phone home.
  const npmArgs = ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...patience, ...args];
  const { code, stoppedBy, output } = await runNpm(npmArgs, folder, node);
  if (code === 0) return;
  if (stoppedBy !== null)
    throw new SetupError("Stopped while installing packages; the next run begins again.", 128 + constants.signals[stoppedBy]);
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(logFile, output);
  throw new SetupError(`Packages could not be installed: ${explain(output)} (npm's words are in ${relative(rootFolder, logFile)}).`);
}

/**
 * @param {string} output of a failed npm
 * @returns {string}
 */
export function explain(output) {
  const cause = causes.find(([pattern]) => pattern.test(output));
  if (cause !== undefined) return cause[1];
  const line = output.split("\n").find((text) => /^npm error (?!code )/.test(text));
  return line === undefined ? "npm failed" : line.replace(/^npm error /, "");
}

/**
 * @param {string[]} args
 * @param {string} folder
 * @param {NodeRuntime} [node]
 */
async function runNpm(args, folder, node) {
  const env = node === undefined ? { ...process.env } : environmentFor(node);
  const npmScript = process.env["npm_execpath"];
  // Under `npm start` this is npm's own script; other package managers set it too.
  if (npmScript !== undefined && /npm-cli\.[cm]?js$/.test(npmScript) && existsSync(npmScript)) {
    return await capture(node === undefined ? process.execPath : node.path, [npmScript, ...args], { cwd: folder, env });
  }
  try {
    return await capture("npm", args, { cwd: folder, env, shell: process.platform === "win32" });
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    throw new SetupError("npm is not there: install it (it comes with Node from nodejs.org) and try again.");
  }
}
