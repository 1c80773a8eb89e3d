/** What a process uses, as Linux counts it. */
import { readFileSync } from "node:fs";

/** Ticks a second in /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** In kB. */
export function residentKb(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (found === undefined) throw new Error(`process ${pid} does not say its memory`);
  return Number(found);
}

/** Processor time so far, in seconds. */
export function processorSeconds(pid: number): number {
  // The name, in parentheses, may contain blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
