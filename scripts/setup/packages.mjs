import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { environmentFor, exitCodeOf, run, runtimeFolder, SetupError } from "./node-runtime.mjs";
import { cacheFolder, hashOf, isStamped, rootFolder, writeStamp } from "./stamps.mjs";

/** @typedef {import("./node-runtime.mjs").NodeRuntime} NodeRuntime */

/** Inside node_modules: deleted together with it. */
const packagesStamp = join(rootFolder, "node_modules", ".somopay-stamp");
const nodeStamp = join(runtimeFolder, "node_modules", ".stamp");

/** @returns {boolean} */
export function areInstalled() {
  return isStamped(packagesStamp, hashOfPackages());
}

/**
 * Installs what package-lock.json lists, development tools included, whatever NODE_ENV is.
 * @param {NodeRuntime} node
 */
export async function installPackages(node) {
  await npmCi({ folder: rootFolder, args: ["--include=dev", "--include=optional"], node });
  writeStamp(packagesStamp, hashOfPackages());
}

/** The native packages are built for a platform, and work with every version of Node. */
function hashOfPackages() {
  return hashOf(process.platform, process.arch, readFileSync(join(rootFolder, "package-lock.json"), "utf8"));
}

/**
 * @param {NodeRuntime} node
 * @returns {boolean}
 */
export function isNodeInstalled(node) {
  return node.isOwn || (isStamped(nodeStamp, hashOfNode()) && existsSync(node.path));
}

/** @param {NodeRuntime} node */
export async function installNode(node) {
  await npmCi({ folder: runtimeFolder, args: ["--include=optional"] });
  if (!existsSync(node.path)) {
    // npm skips an optional package that it cannot download, without an error.
    throw new SetupError("Node 24 could not be downloaded: check the network and try again, or install Node 24 from nodejs.org.");
  }
  if (process.platform !== "win32") chmodSync(node.path, 0o755);
  writeStamp(nodeStamp, hashOfNode());
}

function hashOfNode() {
  return hashOf(readFileSync(join(runtimeFolder, "package-lock.json"), "utf8"));
}

/** By default npm waits 10 and 60 s between tries and prints nothing; a network that is down should be reported soon. */
const retries = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
const logFile = join(cacheFolder, "npm-ci.log");

/**
 * Installs exactly what a folder's lock file lists. Throws a SetupError that names the cause.
 * @param {{ folder: string, args: string[], node?: NodeRuntime }} options node: the one to run npm with, by default the current one
 * @returns {Promise<void>}
 */
async function npmCi({ folder, args, node }) {
  // No package here needs its install script, and some of them send statistics.
  const npmArgs = ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...retries, ...args];
  const { code, stoppedBy, output } = await runNpm(npmArgs, folder, node);
  if (code === 0) return;
  if (stoppedBy !== null) throw new SetupError("Stopped while installing packages; the next run starts again.", exitCodeOf(stoppedBy));
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(logFile, output);
  throw new SetupError(`The packages could not be installed: ${explain(output)} (npm's output is in ${relative(rootFolder, logFile)}).`);
}

/**
 * @param {string[]} args
 * @param {string} folder
 * @param {NodeRuntime} [node]
 */
async function runNpm(args, folder, node) {
  const env = node === undefined ? { ...process.env } : environmentFor(node);
  const npmScript = process.env["npm_execpath"];
  // Under `npm start` this is npm's own script. Other package managers set the variable too.
  if (npmScript !== undefined && /npm-cli\.[cm]?js$/.test(npmScript) && existsSync(npmScript)) {
    return await run(node === undefined ? process.execPath : node.path, [npmScript, ...args], { cwd: folder, env });
  }
  try {
    return await run("npm", args, { cwd: folder, env, shell: process.platform === "win32" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new SetupError("npm is not installed: install it (it comes with Node from nodejs.org) and try again.");
  }
}

/**
 * What npm's output says about the cause, the most specific first, and what to do about it.
 * @type {[RegExp, string][]}
 */
const causes = [
  [/ENOSPC/, "the disk is full: free about 1 GB and try again"],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i,
    "the package registry cannot be reached: check the network and try again",
  ],
  [/can only install packages when|EUSAGE/, "package-lock.json does not match package.json: run `npm install` and commit the lock file"],
  [/E401|E403/, "the package registry refused access: check npm's settings (npm config list)"],
  [/ENOTEMPTY|EBUSY/, "another program is using node_modules: end it (tests, an editor's server) and try again"],
  [/EACCES|EPERM|EROFS/, "the folder is not writable: make yourself the owner of its files and try again"],
  [/EINTEGRITY/, "a package differs from what package-lock.json expects: run `npm cache clean --force` and try again"],
];

/**
 * @param {string} output of an npm that failed
 * @returns {string}
 */
export function explain(output) {
  const cause = causes.find(([pattern]) => pattern.test(output));
  if (cause !== undefined) return cause[1];
  const line = output.split("\n").find((text) => /^npm error (?!code )/.test(text));
  return line === undefined ? "npm failed" : line.replace(/^npm error /, "");
}
