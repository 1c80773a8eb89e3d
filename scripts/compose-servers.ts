import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestProgram } from "../e2e/servers/programs.ts";

const composeFile = join(import.meta.dirname, "../deploy/test-servers.compose.yml");
/** Images may have to be downloaded first. */
const startTimeoutMs = 600_000;

/** The container that replaces a program, by the variable that gives its URL to the tests. */
const containers: Record<string, { readonly service: string; readonly port: number; url(address: string): string }> = {
  TEST_DATABASE_URL: { service: "mariadb", port: 3306, url: (address) => `mysql://root:somopay@${address}/somopay` },
  TEST_REDIS_URL: { service: "redis", port: 6379, url: (address) => `redis://${address}` },
};

export interface ComposeServers {
  /** The variables with the servers' URLs. */
  readonly env: Readonly<Record<string, string>>;
  /** Removes the containers with their data. */
  stop(): void;
}

/** Starts the missing servers in containers for this run only. Undefined if Docker Compose is not installed or cannot start them. */
export function startWithCompose(missing: readonly TestProgram[]): ComposeServers | undefined {
  if (docker(["compose", "version"]) === undefined || docker(["info"]) === undefined) return undefined;
  const compose = ["compose", "--file", composeFile, "--project-name", `somopay-test-${process.pid}`];
  const stop = () => void docker([...compose, "down", "--volumes"]);
  const wanted = missing.flatMap((program) => {
    const container = containers[program.insteadEnv ?? ""];
    return container === undefined ? [] : [{ ...container, variable: program.insteadEnv ?? "" }];
  });
  const env: Record<string, string> = {};
  const isUp = docker([...compose, "up", "--detach", "--wait", ...wanted.map(({ service }) => service)]) !== undefined;
  for (const { service, port, url, variable } of isUp ? wanted : []) {
    const address = docker([...compose, "port", service, String(port)]);
    if (address !== undefined) env[variable] = url(address);
  }
  if (Object.keys(env).length === wanted.length) return { env, stop };
  stop();
  return undefined;
}

/** What docker printed, or undefined if it failed. */
function docker(args: readonly string[]): string | undefined {
  const ran = spawnSync("docker", args, { encoding: "utf8", timeout: startTimeoutMs, stdio: ["ignore", "pipe", "ignore"] });
  return ran.status === 0 ? ran.stdout.trim() : undefined;
}
