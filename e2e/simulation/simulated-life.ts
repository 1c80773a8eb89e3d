import type { RunStatement } from "../../service/src/payments/store/fake-tables.ts";
import type { Timers } from "../../service/src/platform/timers.ts";
import type { Life } from "./life.ts";
import type { Random } from "./random.ts";
import { EVERYBODY } from "./story.ts";
import type { World } from "./world.ts";

const FASTEST_STATEMENT_MS = 1;
/** How often the answer to a statement takes time of its own, in which others act. */
const ANSWER_TRAVELS = 0.15;
/** How often what a copy had sent before it died still arrives. */
const ARRIVES_AFTER_DEATH = 0.5;

export class SimulatedLife implements Life {
  readonly #world: World;
  readonly #random: Random;
  readonly #onDeath = new Set<() => void>();
  readonly name: string;
  #alive = true;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#random = world.random.fork();
    this.name = name;
  }

  get alive(): boolean {
    return this.#alive;
  }

  onDeath(listener: () => void): () => void {
    this.#onDeath.add(listener);
    return () => void this.#onDeath.delete(listener);
  }

  die(why: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#world.counts.crashes += 1;
    this.say(`dies ${why}`, EVERYBODY);
    for (const listener of this.#onDeath) listener();
    this.#onDeath.clear();
  }

  say(what: string, about: string | null): void {
    this.#world.story?.say(this.#world.scheduler.nowMs, this.name, what, about);
  }

  readonly run: RunStatement = (name, about, work) =>
    this.#call(name, () => {
      const { faults, database, counts } = this.#world;
      if (database.isDown || this.#random.chance(faults.statementFails / 2)) {
        counts.statementsFailed += 1;
        this.say(`${name}: the database is away`, about);
        throw connectionLost();
      }
      const result = work();
      if (this.#world.story) this.say(`${name}${summary(result)}`, about);
      if (this.#random.chance(faults.statementFails / 2)) {
        counts.statementsFailed += 1;
        this.say(`${name}: done, but the answer is lost`, about);
        throw connectionLost();
      }
      return result;
    });

  readonly runOnDisk: RunStatement = (name, about, work) =>
    this.#call(name, () => {
      if (this.#random.chance(this.#world.faults.diskFails)) throw new Error("the disk is full");
      this.say(name, about);
      return work();
    });

  readonly send = <Result>(name: string, about: string | null, delayMs: number, work: () => Result): Promise<Result> =>
    this.#call(
      name,
      () => {
        this.say(name, about);
        return work();
      },
      delayMs,
    );

  sleep(delayMs: number, work: () => void): () => void {
    return this.#world.scheduler.after(delayMs, () => {
      if (this.#alive) work();
    });
  }

  timers(pace: (askedMs: number) => number): Timers {
    return {
      after: (delayMs, work) => this.sleep(pace(delayMs), work),
      each: (intervalMs, work) => {
        let callOff = (): void => undefined;
        const next = (): void => {
          callOff = this.sleep(pace(intervalMs), () => {
            next();
            work();
          });
        };
        next();
        return () => callOff();
      },
    };
  }

  #call<Result>(name: string, work: () => Result, delayMs = this.#latencyMs()): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (!this.#alive) return;
      const { scheduler } = this.#world;
      scheduler.after(delayMs, () => {
        if (!this.#alive) {
          if (this.#random.chance(ARRIVES_AFTER_DEATH)) attempt(work);
          return;
        }
        if (this.#mayDie(`before "${name}"`)) return;
        const outcome = attempt(work);
        if (this.#mayDie(`after "${name}"`)) return;
        const answer = (): void => {
          if (!this.#alive) return;
          if ("error" in outcome) reject(outcome.error);
          else resolve(outcome.result);
        };
        if (this.#random.chance(ANSWER_TRAVELS)) scheduler.after(this.#latencyMs(), answer);
        else answer();
      });
    });
  }

  #latencyMs(): number {
    const { slowestStatementMs } = this.#world.faults;
    return this.#random.between(FASTEST_STATEMENT_MS, this.#random.chance(0.1) ? slowestStatementMs : Math.min(10, slowestStatementMs));
  }

  #mayDie(when: string): boolean {
    if (!this.#random.chance(this.#world.faults.crash / 2)) return false;
    this.die(when);
    return true;
  }
}

function attempt<Result>(work: () => Result): { result: Result } | { error: Error } {
  try {
    return { result: work() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function connectionLost(): Error {
  return Object.assign(new Error("Connection lost: The server closed the connection."), { code: "PROTOCOL_CONNECTION_LOST" });
}

function summary(result: unknown): string {
  if (typeof result === "string" || typeof result === "boolean") return `: ${result}`;
  return result === null || (Array.isArray(result) && result.length === 0) ? ": nothing" : "";
}
