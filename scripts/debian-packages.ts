import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "../e2e/servers/find-program.ts";
import { holdServices } from "./debian-services.ts";
import { withLock } from "./setup/lock.mjs";

/** Another package manager may be running: wait for it, but not forever. */
const aptLockWaitSeconds = 300;
/** apt-get does not wait for the lock on its package lists: tried once a second. */
const listsLockTries = 60;
/** Two runs of the tests must not both replace the policy file. Only root can write to this folder. */
const lockFolder = "/run/somopay-apt.lock";

export function hasApt(): boolean {
  return existsSync("/etc/debian_version") && findProgram(["apt-get"]) !== undefined;
}

/**
 * Installs Debian packages, and leaves the machine's services as they are: none starts, restarts or stops, none is turned on at boot, and no
 * package is removed. Prints what it did. A package that cannot be installed is only reported. A signal ends a download at once, but an
 * installation is finished first: interrupted, it would leave packages half installed. Resolves with whether a signal came.
 * @param listWanted called once no other run of the tests is installing packages
 */
export function installDebianPackages(listWanted: () => readonly string[], say: (line: string) => void): Promise<"done" | "stopped"> {
  const work = async () => {
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, onSignal);
    try {
      await install(listWanted(), say, stop.signal);
    } finally {
      for (const signal of signals) process.off(signal, onSignal);
    }
    return stop.signal.aborted ? "stopped" : "done";
  };
  return withLock(lockFolder, work, () => say("Another run of the tests is installing packages; waiting for it."));
}

async function install(wanted: readonly string[], say: (line: string) => void, stop: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  if (wanted.length > 0) await updateLists(stop);
  const packages = wanted.filter(isOffered);
  if (packages.length === 0 || stop.aborted) return;
  const args = ["install", "-y", "--no-install-recommends", "--no-remove", ...packages];
  const problem = (await apt([...args, "--download-only"], stop)) ?? (await installDownloaded(args, say, stop));
  if (stop.aborted) return;
  if (problem !== undefined) say(`apt-get could not install ${packages.join(", ")}: ${problem}.`);
  else say(`Installed ${packages.join(", ")} (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
}

async function installDownloaded(args: readonly string[], say: (line: string) => void, stop: AbortSignal): Promise<string | undefined> {
  if (stop.aborted) return undefined;
  const onStop = () => say("Stopping once apt-get has finished.");
  stop.addEventListener("abort", onStop);
  const releaseServices = holdServices();
  try {
    return await apt(args);
  } finally {
    const turnedOff = releaseServices();
    if (turnedOff.length > 0) say(`Turned off at boot: ${turnedOff.join(", ")}.`);
    // systemd has read the links that are now removed.
    if (existsSync("/run/systemd/system")) spawnSync("systemctl", ["daemon-reload"]);
    stop.removeEventListener("abort", onStop);
  }
}

/** Not every relative of Debian has every package (Ubuntu has no firefox-esr), and apt-get installs nothing if it does not know one of them. */
function isOffered(debianPackage: string): boolean {
  const shown = spawnSync("apt-cache", ["policy", debianPackage], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  return /Candidate: (?!\(none\))/.test(shown.stdout ?? "");
}

/** A failure is ignored: old lists may be good enough, and if not, the installation reports it. */
async function updateLists(stop: AbortSignal): Promise<void> {
  for (let tries = 0; tries < listsLockTries && !stop.aborted; tries += 1) {
    const problem = await apt(["update"], stop);
    if (problem === undefined || !/could not get lock/i.test(problem)) return;
    await delay(1_000);
  }
}

/** Resolves with apt-get's first error. Without `stop` it runs to its end, whatever happens here: Ctrl-C in the terminal does not reach it. */
async function apt(args: readonly string[], stop?: AbortSignal): Promise<string | undefined> {
  const child = spawn("apt-get", ["-q", "-o", `DPkg::Lock::Timeout=${aptLockWaitSeconds}`, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: stop === undefined,
    // needrestart, an extension of apt on many machines, restarts services without asking the policy file.
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" },
    ...(stop === undefined ? {} : { signal: stop }),
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code === 0) return undefined;
    const firstError = errors.split("\n").find((line) => line.startsWith("E:"));
    return firstError === undefined ? `exit code ${String(code)}` : firstError.slice(2).trim();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
