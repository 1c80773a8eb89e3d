/** What breaks in a storm, and when: processes are killed, connections cut. Drawn from the seed; times count the payments that have begun. */
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../daraja-simulator/ids.ts";
import { between } from "./random-choice.ts";
import type { ServiceCopy } from "./service-copy.ts";
import type { Killable } from "./storm-servers.ts";
import type { StormWorld } from "./storm-world.ts";

/** How often in 1,000 payments; at least once in any storm. */
const timesPerThousand = {
  "copy A killed": 7,
  "copy B killed": 7,
  "MariaDB killed": 4,
  "Redis killed": 4,
  "database connections cut": 10,
  "database connections left half open": 4,
  "database answers lost": 12,
  "database stalled": 4,
  "Redis connections cut": 5,
  "Redis stalled": 3,
  "callback connections cut": 10,
  "callback answers lost": 12,
  "the site's M-Pesa account changed": 3,
} as const;
export type BreakdownKind = keyof typeof timesPerThousand;

export interface Breakdown {
  readonly kind: BreakdownKind;
  readonly afterPayments: number;
  /** How long it stays broken; of lost answers, how many. */
  readonly size: number;
}

export const breakdownKinds = Object.keys(timesPerThousand) as readonly BreakdownKind[];

export function planBreakdowns(seed: number, payments: number): Breakdown[] {
  const random = seededRandom(seed);
  return breakdownKinds
    .flatMap((kind) =>
      Array.from({ length: Math.max(1, Math.round((timesPerThousand[kind] * payments) / 1_000)) }, () => ({
        kind,
        // Only while parents are paying.
        afterPayments: between(random, Math.min(5, payments - 1), payments - 1),
        size: sizeOf(kind, random()),
      })),
    )
    .toSorted((left, right) => left.afterPayments - right.afterPayments);
}

function sizeOf(kind: BreakdownKind, share: number): number {
  if (kind.endsWith("killed")) return Math.round(share * 2_500);
  if (kind.endsWith("stalled")) return 300 + Math.round(share * 3_500);
  return 1 + Math.floor(share * 4);
}

export interface Breaker {
  break(breakdown: Breakdown): void;
  /** Resolves when everything works again; rejects if something cannot be repaired. */
  mended(): Promise<void>;
  /** How often each kind came to pass. */
  readonly done: ReadonlyMap<BreakdownKind, number>;
}

/** A copy whose database goes away during its start exits with an error. The storm starts it again, as a supervisor does. */
const STARTS_MAX = 10;

async function startLikeSupervisor(copy: ServiceCopy, happened: Happened): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await copy.start();
      return;
    } catch (error) {
      if (tries === STARTS_MAX) throw error;
      happened("a copy ended at its start, and was started again");
    }
  }
}

/** Breaks something and repairs it; resolves when that is done. Nothing is broken twice at once. */
export function createBreaker(world: StormWorld, happened: Happened): Breaker {
  const chains = new Map<BreakdownKind, Promise<void>>();
  const done = new Map<BreakdownKind, number>();
  return {
    break(breakdown) {
      const { kind } = breakdown;
      const chain = (chains.get(kind) ?? Promise.resolve()).then(async () => {
        done.set(kind, (done.get(kind) ?? 0) + 1);
        await perform(world, breakdown, happened);
      });
      chains.set(kind, chain);
      // `mended` reports the failure. Without this handler it would be an unhandled rejection until then.
      chain.catch(() => undefined);
    },
    mended: async () => void (await Promise.all(chains.values())),
    done,
  };
}

type Happened = (what: string) => void;

async function perform(world: StormWorld, { kind, size }: Breakdown, happened: Happened): Promise<void> {
  const [copyA, copyB] = world.copies;
  switch (kind) {
    case "copy A killed":
      return killAndRestart({ kill9: () => copyA.kill9(), restart: () => startLikeSupervisor(copyA, happened) }, size);
    case "copy B killed":
      return killAndRestart({ kill9: () => copyB.kill9(), restart: () => startLikeSupervisor(copyB, happened) }, size);
    case "MariaDB killed":
      return killAndRestart(world.database, size);
    case "Redis killed":
      return killAndRestart(world.redis, size);
    case "database connections cut":
      return world.database.wire.cut();
    case "database connections left half open":
      return world.database.wire.leaveHalfDead();
    case "database answers lost":
      return world.database.wire.loseAnswers(size);
    case "database stalled":
      return world.database.wire.stall(size);
    case "Redis connections cut":
      return world.redis.wire.cut();
    case "Redis stalled":
      return world.redis.wire.stall(size);
    case "callback connections cut":
      return world.callbackWire.cut();
    case "callback answers lost":
      return world.callbackWire.loseAnswers(size);
    case "the site's M-Pesa account changed":
      return changeAccount(world, happened);
  }
}

const COMMANDS_MAX = 30;
const COMMAND_AGAIN_AFTER_MS = 1_000;

/** The operator repeats the command if the database went away meanwhile. */
async function changeAccount({ accounts }: StormWorld, happened: Happened): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await accounts.change();
      return;
    } catch (error) {
      if (tries === COMMANDS_MAX) throw error;
      happened("somopay site add failed, and was repeated");
      await pause(COMMAND_AGAIN_AFTER_MS);
    }
  }
}

async function killAndRestart(server: Killable, downMs: number): Promise<void> {
  await server.kill9();
  await new Promise((resolve) => setTimeout(resolve, downMs));
  await server.restart();
}
