/** Starts a reference, a program of this folder, as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";

export type Reference = { port: number; pid: number; stop(): void };

/** @param args before the port, which is the last one. Resolves once the program says "ready" */
export async function startReference(file: string, ...args: readonly string[]): Promise<Reference> {
  const port = await freePort();
  const program = join(import.meta.dirname, file);
  const child = spawn(process.execPath, [program, ...args, String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  if (child.pid === undefined) throw new Error(`${file} did not start`);
  return { port, pid: child.pid, stop: () => void child.stdin.end() };
}
