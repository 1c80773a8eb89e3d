import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { findProgram } from "../e2e/servers/find-program.ts";
import { missingPrograms, type TestProgram } from "../e2e/servers/programs.ts";
import { startWithCompose } from "./compose-servers.ts";

/** Another package manager may be at work: wait for it, but not for ever. */
const aptLockWaitSeconds = 300;
/** The lists of packages have a lock on which apt does not wait by itself. */
const listsLockTries = 60;
/** Debian's own switch: a package's scripts ask it before they start a service, and 101 means no. */
const servicePolicyFile = "/usr/sbin/policy-rc.d";

/** What stands in the way of the tests, in one sentence that says what to do. */
export class TestNeedsError extends Error {}

export interface TestNeeds {
  /** Names servers that run elsewhere; empty when the tests start their own. */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/**
 * Sees to the programs that the tests start: MariaDB, Redis, browsers. On Debian, as root, the missing ones are installed with apt, and no
 * system-wide server is started. Elsewhere containers stand for missing servers; without them a TestNeedsError is thrown. A missing browser
 * is only skipped, by name.
 */
export function provideTestNeeds(say: (line: string) => void): TestNeeds {
  const missing = missingPrograms();
  if (missing.length > 0 && canUseApt()) installWithApt(missing, say);
  const absent = missingPrograms().filter((program) => program.required);
  if (absent.length === 0) return { env: {}, stop: () => {} };
  const servers = startWithCompose(absent);
  if (servers === undefined) throw new TestNeedsError(adviceFor(absent));
  return servers;
}

function canUseApt(): boolean {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version") && findProgram(["apt-get"]) !== undefined;
}

function installWithApt(missing: readonly TestProgram[], say: (line: string) => void): void {
  const startedAt = Date.now();
  const wanted = missing.map((program) => program.debianPackage);
  updateLists();
  const packages = wanted.filter(isOffered);
  if (packages.length === 0) return;
  const restorePolicy = forbidServices();
  try {
    const problem = apt(["install", "-y", "--no-install-recommends", ...packages]);
    if (problem !== undefined) say(`apt-get could not install ${packages.join(", ")}: ${problem}.`);
    else say(`Installed for the tests: ${packages.join(", ")} (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
  } finally {
    restorePolicy();
  }
}

/** Not every Debian relative has every package (Ubuntu has no firefox-esr), and apt refuses all for one it does not know. */
function isOffered(debianPackage: string): boolean {
  const shown = spawnSync("apt-cache", ["policy", debianPackage], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  return /Candidate: (?!\(none\))/.test(shown.stdout ?? "");
}

/** What goes wrong here shows when the packages are installed; old lists may well do. */
function updateLists(): void {
  for (let tries = 0; tries < listsLockTries; tries += 1) {
    const problem = apt(["update"]);
    if (problem === undefined || !/could not get lock/i.test(problem)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  }
}

function apt(args: readonly string[]): string | undefined {
  const ran = spawnSync("apt-get", ["-q", "-o", `DPkg::Lock::Timeout=${aptLockWaitSeconds}`, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  });
  if (ran.status === 0) return undefined;
  const firstError = (ran.stderr ?? "").split("\n").find((line) => line.startsWith("E:"));
  return firstError?.slice(2).trim() ?? ran.error?.message ?? `exit code ${String(ran.status)}`;
}

/** A test machine must not be left with a system-wide Redis that nobody asked for. */
function forbidServices(): () => void {
  if (existsSync(servicePolicyFile)) return () => {};
  writeFileSync(servicePolicyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => rmSync(servicePolicyFile, { force: true });
}

function adviceFor(absent: readonly TestProgram[]): string {
  const labels = absent.map((program) => program.label).join(" and ");
  const instead = absent.flatMap((program) => program.insteadEnv ?? []).join(" and ");
  const packages = absent.map((program) => program.debianPackage).join(" ");
  return (
    `The tests need ${labels}: install it (Debian: apt-get install ${packages}; macOS: brew install mariadb redis), ` +
    `or set ${instead} to the URL of a server that tests may fill and empty.`
  );
}
