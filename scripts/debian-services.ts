import { existsSync, globSync, lstatSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A package asks this file before it starts, restarts or stops a service. Exit code 101 means no. */
export const servicePolicyFile = "/usr/sbin/policy-rc.d";

const savedSuffix = ".before-somopay";
const marker = "# Written by SomoPay's tests";

/** Says no only while this process runs: a policy that outlived it would stop every later package from starting its service. */
const policy = (pid: number) => `#!/bin/sh
${marker} (process ${pid}) for the time of an apt-get installation. Can be deleted.
kill -0 ${pid} 2>/dev/null && exit 101
[ -x "$0${savedSuffix}" ] && exec "$0${savedSuffix}" "$@"
exit 0
`;

/**
 * Keeps Debian packages from starting, restarting or stopping services, until the returned function is called. That function puts the policy
 * file back as it was, turns off at boot every service that was turned on in between, and returns their names.
 * @param root the root folder of the system; another one for tests
 */
export function holdServices(root = "/"): () => string[] {
  const file = join(root, servicePolicyFile);
  const saved = `${file}${savedSuffix}`;
  // A run that was killed may have left its policy.
  restorePolicy(file, saved);
  const before = new Set(startLinks(root).map(({ service }) => service));
  if (exists(file)) renameSync(file, saved);
  writeFileSync(file, policy(process.pid), { mode: 0o755, flag: "wx" });
  return () => {
    restorePolicy(file, saved);
    const added = startLinks(root).filter(({ service }) => !before.has(service));
    for (const link of added) turnOff(link);
    return [...new Set(added.map(({ service }) => service))].toSorted();
  };
}

function restorePolicy(file: string, saved: string): void {
  if (existsSync(file) && readFileSync(file, "utf8").includes(marker)) rmSync(file);
  if (exists(saved) && !exists(file)) renameSync(saved, file);
}

/** A link that starts a service at boot. */
interface StartLink {
  readonly path: string;
  /** "redis-server" for an init script, "redis-server.service" for a systemd unit. */
  readonly service: string;
}

function startLinks(root: string): StartLink[] {
  const initLinks = globSync("etc/rc[S2-5].d/S[0-9][0-9]*", { cwd: root }).map((link) => ({
    path: join(root, link),
    // Without "S01": the number of a service may change when another one is added.
    service: basename(link).slice(3),
  }));
  const unitLinks = globSync("etc/systemd/{system,user}/{*,*/*}", { cwd: root })
    .map((link) => join(root, link))
    .filter((path) => lstatSync(path).isSymbolicLink())
    .map((path) => ({ path, service: basename(readlinkSync(path)) }))
    // A link to /dev/null masks a unit.
    .filter(({ service }) => service !== "null");
  return [...initLinks, ...unitLinks];
}

/** Lasts when the package is upgraded: `update-rc.d` leaves K links alone, and systemd's links are made at the first installation only. */
function turnOff({ path }: StartLink): void {
  if (path.includes("/etc/systemd/")) rmSync(path);
  else renameSync(path, join(dirname(path), basename(path).replace(/^S/, "K")));
}

/** Also true for a link to nothing. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
