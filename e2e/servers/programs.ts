import { findProgram } from "./find-program.ts";

/** A program that the tests start, and the Debian package that brings it. */
export interface TestProgram {
  /** Its name in messages. */
  readonly label: string;
  /** File names or full paths, in order of preference. */
  readonly names: readonly string[];
  readonly debianPackage: string;
  /** Set to the URL of a server to use instead of starting one. */
  readonly insteadEnv?: string;
  /** Without a required program no test can run. Without another one, the tests that use it are skipped, and the run names it. */
  readonly required: boolean;
}

/** `mariadb-server-core` rather than `mariadb-server`: the same server without a system-wide service. */
export const mariaDb: TestProgram = {
  label: "MariaDB",
  names: ["mariadbd", "mysqld"],
  debianPackage: "mariadb-server-core",
  insteadEnv: "TEST_DATABASE_URL",
  required: true,
};
export const redis: TestProgram = {
  label: "Redis",
  names: ["redis-server", "valkey-server"],
  debianPackage: "redis-server",
  insteadEnv: "TEST_REDIS_URL",
  required: true,
};
export const chromium: TestProgram = {
  label: "Chromium",
  names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
  debianPackage: "chromium",
  required: false,
};
export const firefox: TestProgram = {
  label: "Firefox",
  names: ["firefox-esr"],
  debianPackage: "firefox-esr",
  required: false,
};
export const webKitDriver: TestProgram = {
  label: "WebKit",
  names: ["WebKitWebDriver"],
  debianPackage: "webkit2gtk-driver",
  required: false,
};
/** WebKit's MiniBrowser has no headless mode. */
export const virtualDisplay: TestProgram = {
  label: "Xvfb",
  names: ["Xvfb"],
  debianPackage: "xvfb",
  required: false,
};

export const nginx: TestProgram = {
  label: "nginx",
  names: ["nginx"],
  debianPackage: "nginx-light",
  required: false,
};

export const testPrograms: readonly TestProgram[] = [mariaDb, redis, chromium, firefox, webKitDriver, virtualDisplay, nginx];

/** The programs that are neither installed nor replaced by a given server. */
export function missingPrograms(): TestProgram[] {
  return testPrograms.filter((program) => !isReplaced(program) && findProgram(program.names) === undefined);
}

function isReplaced(program: TestProgram): boolean {
  return program.insteadEnv !== undefined && (process.env[program.insteadEnv] ?? "") !== "";
}
