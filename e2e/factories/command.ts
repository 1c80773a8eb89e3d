/** Runs `somopay …` as an operator does: as a process in its own folder, with only the variables that the test sets. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterAll, onTestFinished } from "vitest";

/** Compiled once for all runs of a test file, so that each starts in half the time. */
const compileCache = mkdtempSync(join(tmpdir(), "somopay-compiled-"));
afterAll(() => rmSync(compileCache, { recursive: true, force: true }));

export const SOMOPAY = join(import.meta.dirname, "../../service/bin/somopay.mjs");

export type Ended = { code: number | null; stdout: string; stderr: string };

export type CommandOptions = {
  environment?: Record<string, string>;
  /** The working directory; default: an empty folder. */
  folder?: string;
  input?: string;
  /** The program and its first arguments; default: this Node and the checkout's `somopay`. */
  program?: readonly string[];
};

export type Running = {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves once it has printed this text; rejects if it exits before. */
  printed(text: string): Promise<void>;
  ended: Promise<Ended>;
};

/** An empty folder that is removed after the test. */
export function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "somopay-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the command. It ends with the test, even if the test fails. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): Running {
  const [program = process.execPath, ...first] = options.program ?? [process.execPath, SOMOPAY];
  const child = spawn(program, [...first, ...args], {
    cwd: options.folder ?? folderForTest(),
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: compileCache, ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.on("data", (chunk: Buffer) => void (stderr += chunk.toString()));
  const ended = once(child, "close").then((): Ended => ({ code: child.exitCode, stdout, stderr }));
  return {
    child,
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve();
        };
        listeners.add(look);
        look();
        void ended.then(({ code }) => reject(new Error(`it ended with ${code} and had not printed "${text}":\n${stdout}${stderr}`)));
      }),
  };
}

export function somopay(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return startCommand(args, options).ended;
}
