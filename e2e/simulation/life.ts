import type { RunStatement } from "../../service/src/payments/store/fake-tables.ts";
import type { Timers } from "../../service/src/platform/timers.ts";

/**
 * One run of one copy, from its start to its death. Everything that the copy's code waits for goes through its life: it happens later, at a moment
 * that chance picks. If the copy is dead by then, the promise never settles, so the code stops where it stood, as a killed process does.
 */
export interface Life {
  readonly name: string;
  readonly alive: boolean;
  /** Calls the listener when the copy dies. @returns how to unregister it */
  onDeath(listener: () => void): () => void;
  die(why: string): void;
  /** Adds a line to the story. */
  say(what: string, about: string | null): void;
  /** Runs a database statement. */
  readonly run: RunStatement;
  /** Runs an append or a removal on the copy's disk. */
  readonly runOnDisk: RunStatement;
  /** Sends something to another machine. The wire itself never rejects. */
  readonly send: <Result>(name: string, about: string | null, delayMs: number, work: () => Result) => Promise<Result>;
  /** Runs the work later, unless the copy is dead by then. @returns how to cancel it */
  sleep(delayMs: number, work: () => void): () => void;
  /** @param pace how long a wait of so many milliseconds takes at this moment */
  timers(pace: (askedMs: number) => number): Timers;
}
