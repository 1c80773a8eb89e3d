import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { redis as redisProgram } from "./programs.ts";
import { RestartableServer } from "./restartable-server.ts";
import { startServerProcess } from "./server-process.ts";

/** A private Redis that a test may kill. It keeps nothing on disk: after a restart it is empty. */
export interface PrivateRedis {
  /** redis://127.0.0.1:port, the same after a restart. */
  readonly url: string;
  readonly port: number;
  /** Of the present run, or of the last one. */
  readonly pid: number;
  readonly dataDir: string;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Stops it if it runs, and starts it again, empty, on the same port. */
  restart(): Promise<void>;
}

export interface PrivateRedisOptions {
  /** Further server options, such as `--maxmemory 50mb`; of an option that is given twice, the last counts. */
  readonly args?: readonly string[] | ((port: number) => readonly string[]);
}

/** Starts an empty Redis on a free port of 127.0.0.1. Throws when there is no server program. */
export async function startRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  const program = findProgram(redisProgram.names);
  if (program === undefined) throw new Error(`no ${redisProgram.names.join(" or ")} is installed`);
  const folder = await mkdtemp(join(tmpdir(), "somopay-redis-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder, "--daemonize", "no"];
  const further = typeof options.args === "function" ? options.args(port) : (options.args ?? []);
  const start = () =>
    startServerProcess({
      label: "Redis",
      program,
      args: [...args, ...further],
      ready: /ready to accept connections/i,
      folder,
    });
  const server = await RestartableServer.start(start, folder);

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    dataDir: folder,
    stop: server.stop,
    kill9: server.kill9,
    restart: server.restart,
  };
}
