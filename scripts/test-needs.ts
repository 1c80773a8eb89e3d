import { missingPrograms, type TestProgram } from "../e2e/servers/programs.ts";
import { startWithCompose } from "./compose-servers.ts";
import { hasApt, installDebianPackages } from "./debian-packages.ts";
import { servicePolicyFile } from "./debian-services.ts";

/** Why the tests cannot run, in one sentence that says what to do. */
export class TestNeedsError extends Error {}

export interface TestNeeds {
  /** The URLs of servers that run elsewhere; empty if the tests start their own. */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/**
 * Provides the programs that the tests start: MariaDB, Redis, browsers, nginx. On Debian as root it installs the missing ones with apt-get,
 * unless SOMOPAY_NO_APT is set. Elsewhere containers replace missing servers; without them it throws a TestNeedsError. The tests of a missing
 * browser are skipped, by name.
 */
export async function provideTestNeeds(say: (line: string) => void): Promise<TestNeeds> {
  const missing = missingPrograms();
  if (missing.length > 0 && hasApt()) {
    if (mayInstall()) await install(missing, say);
    else say(missingMessage(missing));
  }
  const absent = missingPrograms().filter((program) => program.required);
  if (absent.length === 0) return { env: {}, stop: () => {} };
  const servers = startWithCompose(absent);
  if (servers === undefined) throw new TestNeedsError(requiredMessage(absent));
  return servers;
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && ["", "0"].includes(process.env["SOMOPAY_NO_APT"] ?? "");
}

async function install(missing: readonly TestProgram[], say: (line: string) => void): Promise<void> {
  say(installMessage(missing));
  const end = await installDebianPackages(() => missingPrograms().map((program) => program.debianPackage), say);
  if (end === "stopped") throw new TestNeedsError("Stopped before the tests started.");
}

/** Printed before anything is changed. */
export function installMessage(missing: readonly TestProgram[]): string {
  return (
    `The tests need ${labels(missing)}: installing ${missing.map((program) => program.debianPackage).join(", ")} with apt-get. ` +
    `During the installation ${servicePolicyFile} keeps every service from starting; afterwards it is put back as it was, and no new service is ` +
    "turned on. Set SOMOPAY_NO_APT=1 to install nothing."
  );
}

/** Printed instead of an installation. */
export function missingMessage(missing: readonly TestProgram[]): string {
  return `Not installed: ${labels(missing)}. To install: ${aptCommand(missing)}`;
}

/** Why the tests cannot run at all. */
export function requiredMessage(absent: readonly TestProgram[]): string {
  const variables = absent.flatMap((program) => program.insteadEnv ?? []).join(" and ");
  return (
    `The tests cannot run without ${labels(absent)}: run "${aptCommand(absent)}" (Debian) or "brew install mariadb redis" (macOS), ` +
    `or set ${variables} to the URL of a server whose data the tests may delete.`
  );
}

function aptCommand(programs: readonly TestProgram[]): string {
  return ["apt-get install --no-install-recommends", ...programs.map((program) => program.debianPackage)].join(" ");
}

function labels(programs: readonly TestProgram[]): string {
  return new Intl.ListFormat("en").format(programs.map((program) => program.label));
}
