import { newCounts, type Counts } from "./counts.ts";
import { takeOut, type GuardName } from "./guards.ts";
import type { Failure } from "./invariants.ts";
import { Random } from "./random.ts";
import { SimulatedWorld } from "./simulated-world.ts";

export type Options = { seed: number; payments: number; without: GuardName | null };

export type Report = {
  payments: number;
  worlds: number;
  steps: number;
  paid: number;
  surplus: number;
  refunded: number;
  /** From the M-Pesa menu, for no booking that could be found. */
  listed: number;
  movements: number;
  counts: Counts;
  failure: (Failure & { world: number }) | null;
};

/** Runs world after world, each with a seed made from the run's, until there were enough payments or the first failure. */
export async function simulate({ seed, payments, without }: Options, onWorld: (report: Report) => void = () => undefined): Promise<Report> {
  const report: Report = {
    payments: 0,
    worlds: 0,
    steps: 0,
    paid: 0,
    surplus: 0,
    refunded: 0,
    listed: 0,
    movements: 0,
    counts: newCounts(),
    failure: null,
  };
  while (report.payments < payments && !report.failure) {
    const index = report.worlds;
    const world = new SimulatedWorld(seedOf(seed, index), { without: takeOut(without), hasStory: false });
    const failure = await world.run();
    add(report, world);
    if (failure) report.failure = { ...failure, world: index };
    onWorld(report);
  }
  return report;
}

/** Runs one world again and keeps its story. The failure must be the same, at the same step, because everything comes from the seed. */
export async function tellStory(options: Omit<Options, "payments">, index: number): Promise<{ failure: Failure | null; story: string }> {
  const world = new SimulatedWorld(seedOf(options.seed, index), { without: takeOut(options.without), hasStory: true });
  const failure = await world.run();
  return { failure, story: world.story?.tell(failure?.bookingId ?? null, world.tables) ?? "" };
}

function seedOf(seed: number, index: number): number {
  const mixed = new Random(seed ^ Math.imul(index + 1, 0x9e3779b1));
  return mixed.word();
}

function add(report: Report, { tables, money, scheduler, safaricom, counts }: SimulatedWorld): void {
  const attempts = [...tables.attempts.values()];
  report.worlds += 1;
  report.payments += attempts.length;
  report.steps += scheduler.steps;
  report.paid += attempts.filter(({ status }) => status === "paid").length;
  report.surplus += attempts.filter(({ surplusKes }) => surplusKes > 0).length;
  report.refunded += attempts.filter(({ status }) => status === "refunded").length;
  report.listed += [...money.unassigned.values()].filter(
    ({ receipt, paymentId }) => paymentId === null && !tables.receipts.has(receipt),
  ).length;
  report.movements += safaricom.ledger.length;
  for (const name of Object.keys(counts) as (keyof Counts)[]) report.counts[name] += counts[name];
}
