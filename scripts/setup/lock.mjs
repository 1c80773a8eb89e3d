import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** How often a waiting process tries again. */
const retryEveryMs = 200;
/** A lock names its owner at once. One that is this old and still has no owner was left by a process that died in between. */
const ownerWithinMs = 5_000;

/**
 * Runs `work` in one process at a time. The lock is a folder, because only one process can create it. A lock whose owner is no longer running
 * is taken over.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @param {(ownerPid: number | undefined) => void} [onWait] called once, if another process holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(folder, work, onWait = () => {}) {
  mkdirSync(dirname(folder), { recursive: true });
  let waited = false;
  while (!tryTake(folder)) {
    if (removeIfStale(folder)) continue;
    if (!waited) onWait(ownerOf(folder));
    waited = true;
    await delay(retryEveryMs);
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/**
 * @param {string} folder
 * @returns {boolean}
 */
function tryTake(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(folder, "pid"), String(process.pid));
  return true;
}

/**
 * @param {string} folder
 * @returns {boolean} whether it was stale
 */
function removeIfStale(folder) {
  const owner = ownerOf(folder);
  if (owner === undefined ? !isOlderThan(folder, ownerWithinMs) : isRunning(owner)) return false;
  // Two processes may find the same stale lock; only one of them can rename it.
  const aside = `${folder}.stale-${process.pid}`;
  try {
    renameSync(folder, aside);
  } catch {
    return true;
  }
  rmSync(aside, { recursive: true, force: true });
  return true;
}

/**
 * @param {string} folder
 * @returns {number | undefined}
 */
function ownerOf(folder) {
  try {
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @param {number} ageMs
 * @returns {boolean}
 */
function isOlderThan(folder, ageMs) {
  try {
    return Date.now() - statSync(folder).mtimeMs > ageMs;
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * @param {unknown} error
 * @returns {unknown} the system's name for what went wrong, such as "ENOENT"
 */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
