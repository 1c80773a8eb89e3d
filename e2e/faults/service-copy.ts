/** One copy of the service as an operator runs it: a `somopay serve` process that may be killed at any moment. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../servers/free-port.ts";
import { startServerProcess, type ServerProcess } from "../servers/server-process.ts";
import { isAlive } from "../servers/is-alive.ts";
import { accountEnvironment, withoutLimits } from "../factories/service-environment.ts";

const SOMOPAY = join(import.meta.dirname, "../../service/bin/somopay.mjs");

/** The part of the log that is shown when a start fails. */
const LOG_TAIL_CHARACTERS = 1_500;

export type Environment = Readonly<Record<string, string>>;

export interface ServiceCopyOptions {
  readonly environment: Environment;
}

/** Additions to the copy's settings for one run. */
export interface Life {
  readonly environment?: Environment;
  /** Arguments for Node itself, such as `--import`. */
  readonly nodeArgs?: readonly string[];
}

export interface ServiceCopy {
  readonly url: string;
  readonly port: number;
  /** Its DATA_DIR. The next run has the same one and the same port, so that it finds its journal. */
  readonly dataDir: string;
  /** Whether its process exists, even if it does not listen yet. */
  readonly isRunning: boolean;
  /** Of the present run. @throws if it does not run */
  readonly pid: number;
  /** Resolves once it listens. Rejects with the end of its log if it exits before. */
  start(life?: Life): Promise<void>;
  kill9(): Promise<void>;
  /** The log of all its runs. */
  log(): string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** The environment of every copy, without database and address. Contains nothing from the caller's own environment. */
export function serviceEnvironment(mpesaBaseUrl: string): Environment {
  return {
    PATH: process.env["PATH"] ?? "",
    // Compiled once for all runs: a restart takes half the time.
    NODE_COMPILE_CACHE: join(tmpdir(), "somopay-faults-compiled"),
    ...accountEnvironment(mpesaBaseUrl),
    ...withoutLimits,
    LOG_LEVEL: "info",
  };
}

/** Prepares a copy with its own port and folder, without starting it. The copy cannot outlive this process. */
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
    get pid() {
      if (!life) throw new Error("the copy does not run");
      return life.pid;
    },
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
        // `env` and `sh` exec Node, so that the process id is Node's.
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
