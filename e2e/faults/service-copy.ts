/** One copy of the service as an operator runs it: `somopay serve`, a process of its own that may be killed at any moment. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../servers/free-port.ts";
import { startServerProcess, type ServerProcess } from "../servers/server-process.ts";
import { isAlive } from "../servers/is-alive.ts";
import { accountEnvironment, withoutLimits } from "../factories/service-environment.ts";

const SOMOPAY = join(import.meta.dirname, "../../service/bin/somopay.mjs");

/** What is shown of a log when a start fails. */
const LOG_TAIL_CHARACTERS = 1_500;

export type Environment = Readonly<Record<string, string>>;

export interface ServiceCopyOptions {
  readonly environment: Environment;
}

/** What one life has beyond the copy's own settings. */
export interface Life {
  readonly environment?: Environment;
  /** Arguments for Node itself, such as `--import`. */
  readonly nodeArgs?: readonly string[];
}

export interface ServiceCopy {
  readonly url: string;
  readonly port: number;
  /** Its DATA_DIR: kept from one life to the next, like its port, so that it finds its journal again. */
  readonly dataDir: string;
  /** Whether its process is there, listening already or not. */
  readonly isRunning: boolean;
  /** Resolves once it listens. Rejects when it ends before that, with what it logged last. */
  start(life?: Life): Promise<void>;
  kill9(): Promise<void>;
  /** Everything that its lives logged. */
  log(): string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** What every copy is told, but for its database and address. Nothing of the caller's own environment reaches it. */
export function serviceEnvironment(mpesaBaseUrl: string): Environment {
  return {
    PATH: process.env["PATH"] ?? "",
    // Compiled once for all lives: a restart takes half the time.
    NODE_COMPILE_CACHE: join(tmpdir(), "somopay-faults-compiled"),
    ...accountEnvironment(mpesaBaseUrl),
    ...withoutLimits,
    LOG_LEVEL: "info",
  };
}

/** Prepares a copy with a port and a folder of its own. It does not run yet, and cannot outlive this process. */
export async function createServiceCopy(options: ServiceCopyOptions): Promise<ServiceCopy> {
  const folder = await mkdtemp(join(tmpdir(), "somopay-copy-"));
  const logFile = join(folder, "service.log");
  const dataDir = join(folder, "data");
  await mkdir(dataDir);
  const port = await freePort();
  let life: ServerProcess | undefined;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    dataDir,
    get isRunning() {
      return life !== undefined && isAlive(life.pid);
    },
    async start(own = {}) {
      const environment: Environment = {
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        ...options.environment,
        ...own.environment,
        PORT: String(port),
        DATA_DIR: dataDir,
      };
      const node = [process.execPath, ...(own.nodeArgs ?? []), SOMOPAY, "serve"];
      life = await startServerProcess({
        label: "the service",
        program: "/usr/bin/env",
        // `env` and `sh` give way to Node: all three are one process, with one number.
        args: ["-i", ...pairs(environment), "/bin/sh", "-c", `exec "$0" "$@" >>"${logFile}" 2>&1`, ...node],
        ready: { port },
        folder,
      }).catch((error: unknown) => {
        throw new Error(`the service did not start:\n${readLog(logFile).slice(-LOG_TAIL_CHARACTERS)}`, { cause: error });
      });
    },
    async kill9() {
      await life?.kill9();
      life = undefined;
    },
    log: () => readLog(logFile),
    async stop() {
      await life?.kill9();
      life = undefined;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readLog(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function pairs(environment: Environment): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}
