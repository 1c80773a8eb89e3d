/** `npm run simulate -- --seed 1 --payments 100000`; README.md says what it does and how to read a story. */
import { parseArgs } from "node:util";
import { guardNames, type GuardName } from "./guards.ts";
import { simulate, tellStory, type Report } from "./run.ts";

const USAGE = `npm run simulate -- [--seed N] [--payments M] [--without GUARD] [--world K]

  --seed N         the seed of everything that happens (default 1)
  --payments M     the number of payments (default 10000)
  --without GUARD  take out one of ${guardNames.join(", ")}; the run must fail
  --world K        run only this world of the seed, and print its story`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: "string", default: "1" },
      payments: { type: "string", default: "10000" },
      without: { type: "string" },
      world: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const seed = Number(values.seed);
  const payments = Number(values.payments);
  const world = values.world === undefined ? null : Number(values.world);
  const without = guardNames.find((name) => name === values.without) ?? null;
  const isUnderstood = Number.isSafeInteger(seed) && payments > 0 && (world === null || world >= 0) && without === (values.without ?? null);
  if (values.help || !isUnderstood) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  if (world !== null) return printStory(seed, without, world);

  const startedAt = performance.now();
  let toldAt = startedAt;
  const report = await simulate({ seed, payments, without }, ({ payments: done }) => {
    if (performance.now() - toldAt < 10_000) return;
    toldAt = performance.now();
    console.log(`… ${done} payments`);
  });
  printReport(report, (performance.now() - startedAt) / 1_000);
  return report.failure ? printStory(seed, without, report.failure.world) : 0;
}

async function printStory(seed: number, without: GuardName | null, world: number): Promise<number> {
  const { failure, story } = await tellStory({ seed, without }, world);
  console.log(story === "" ? "" : `\n${story}`);
  if (!failure) {
    console.log(`World ${world} of seed ${seed}: no rule was broken.`);
    return 0;
  }
  console.log(`\nBROKEN: ${failure.invariant}`);
  console.log(`at step ${failure.step} of world ${world}, booking ${failure.bookingId ?? "unknown"}`);
  console.log(`again: npm run simulate -- --seed ${seed} --world ${world}${without === null ? "" : ` --without ${without}`}`);
  return 1;
}

function printReport({ counts, ...report }: Report, seconds: number): void {
  console.log(
    [
      `${report.payments} payments in ${report.worlds} worlds, ${report.steps} steps, ${seconds.toFixed(1)} s ` +
        `(${Math.round(report.payments / seconds)} payments/s)`,
      `money        ${report.movements} movements; ${report.paid} paid, ${report.surplus} of them surplus; ${report.refunded} refunded; ` +
        `${report.listed} on the owner's list`,
      `unreported   ${counts.moneyUnreported} payments that the service learnt of only when the payer typed the code`,
      `people       ${counts.byHand} payments from the menu, ${counts.codesTyped} codes typed, ${counts.refundsAsked} refunds requested`,
      `the owner    ${counts.settled} payments settled, ${counts.assigned} amounts assigned, ${counts.replayed} callbacks replayed, ` +
        `${counts.accountChanges} changes of account`,
      `Safaricom    ${counts.prompts} prompts, ${counts.queries} queries`,
      `callbacks    ${counts.callbacksSent} sent, ${counts.callbacksForged} of them forged; ${counts.callbacksLost} lost, ${counts.callbacksRefused} refused`,
      `faults       ${counts.crashes} crashes, ${counts.statementsFailed} failed statements`,
    ].join("\n"),
  );
}

process.exitCode = await main(process.argv.slice(2));
