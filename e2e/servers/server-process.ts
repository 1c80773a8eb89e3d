import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A start on a busy machine with a cold disk takes seconds. */
const startTimeoutMs = 60_000;
/** A server that has not stopped by then is killed, because tests no longer need its data. */
const stopTimeoutMs = 20_000;
/** The interval at which a silent server's port is tried. */
const portTryEveryMs = 20;
/** The part of a server's log that is kept to explain a failed start. */
const keptLogCharacters = 4_000;

/**
 * Runs as a process and waits for the end of its standard input, which comes when the process that started the server has ended in any way. Then it kills
 * the server's process group and removes its folder. A line on the input cancels this.
 */
const watchdogScript = `trap '' INT TERM HUP; if ! read -r line; then kill -9 "-$1" 2>/dev/null; rm -rf "$2"; fi`;

export interface ServerCommand {
  readonly label: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What the server prints once it accepts connections; for a silent server, the port on which it listens. */
  readonly ready: RegExp | { readonly port: number };
  /** The server's own folder, which contains everything that it writes. */
  readonly folder: string;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One run of a server program. */
export interface ServerProcess {
  readonly pid: number;
  /** Its output until it was ready. */
  readonly startLog: string;
  /** Asks the server to end, and waits until it has. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL: no clean-up, no flush. */
  kill9(): Promise<void>;
}

/** Starts a server and resolves once it accepts connections. The server cannot outlive this process. @throws with the end of its log if it does not start */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  // Its own process group, so that Ctrl-C in the terminal reaches only the tests, which then stop the server.
  const child = spawn(command.program, command.args, {
    cwd: command.folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...command.env },
  });
  const ended = once(child, "exit").then(() => {});
  await once(child, "spawn");
  const pid = pidOf(child, command.label);
  const callOffWatchdog = watch(pid, command.folder);
  void ended.then(callOffWatchdog);
  let startLog: string;
  try {
    startLog = await untilReady(child, command);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }

  return {
    pid,
    startLog,
    async stop() {
      child.kill("SIGTERM");
      const impatience = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
      await ended;
      clearTimeout(impatience);
    },
    async kill9() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function pidOf(child: ChildProcess, label: string): number {
  if (child.pid === undefined) throw new Error(`${label} did not start`);
  return child.pid;
}

function watch(pid: number, folder: string): () => void {
  const watchdog = spawn("/bin/sh", ["-c", watchdogScript, "watchdog", String(pid), folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const input = watchdog.stdin;
  input.on("error", () => {});
  watchdog.unref();
  if (input instanceof Socket) input.unref();
  return () => input.end("done\n");
}

async function untilReady(child: ChildProcess, { label, ready }: ServerCommand): Promise<string> {
  let log = "";
  const over = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`${label} ${what}:\n${log.trim()}`));
      const read = (chunk: unknown) => {
        log = (log + String(chunk)).slice(-keptLogCharacters);
        if (ready instanceof RegExp && ready.test(log)) resolve();
      };
      // Reads all output, because a full pipe would block the server.
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("exit", (code, signal) => fail(`ended at its start (${String(code ?? signal)})`));
      const timer = setTimeout(() => fail(`was not ready within ${startTimeoutMs / 1000} s`), startTimeoutMs);
      over.signal.addEventListener("abort", () => clearTimeout(timer));
      if (!(ready instanceof RegExp)) void untilListening(ready.port, over.signal).then(resolve);
    });
    return log;
  } finally {
    over.abort();
  }
}

async function untilListening(port: number, over: AbortSignal): Promise<void> {
  while (!over.aborted && !(await takesConnections(port))) await delay(portTryEveryMs);
}

/** Whether something listens on this port of 127.0.0.1. */
export function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
