import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A cold disk on a busy machine needs seconds; after this something is wrong. */
const startTimeoutMs = 60_000;
/** A server that has not stopped by then is killed: tests do not need its data any more. */
const stopTimeoutMs = 20_000;
/** How often a port is tried whose server says nothing when it is ready. */
const portTryEveryMs = 20;
/** How much of a server's log is kept to explain a failed start. */
const keptLogCharacters = 4_000;

/**
 * Waits, in a process of its own, for the end of its standard input: that comes when the process that started the server is gone, however it
 * went. Then it kills the server with what it started, and removes its folder. A line on the input calls it off.
 */
const watchdogScript = `trap '' INT TERM HUP; if ! read -r line; then kill -9 "-$1" 2>/dev/null; rm -rf "$2"; fi`;

export interface ServerCommand {
  readonly label: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What the server prints once it takes connections, or, for a silent one, the port on which it then listens. */
  readonly ready: RegExp | { readonly port: number };
  /** A folder of the server's own; everything it writes is in here. */
  readonly folder: string;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One run of a server program. */
export interface ServerProcess {
  readonly pid: number;
  /** What it had printed when it was ready. */
  readonly startLog: string;
  /** Asks the server to end, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it as a power cut would: no clean-up, no flush. */
  kill9(): Promise<void>;
}

/** Starts a server and resolves once it takes connections. It cannot outlive this process. Throws with the log's end when it does not start. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  // Its own process group: Ctrl-C in the terminal is for the tests, which then stop the server in order.
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
      // Read to the end of its life: a full pipe would stop the server.
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
