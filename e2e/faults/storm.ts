/** A storm: many parents pay at once while everything breaks. Afterwards the ledger is compared with the database. */
import { setTimeout as pause } from "node:timers/promises";
import { openDatabase, type Database } from "../../service/src/platform/database.ts";
import { readRows } from "../factories/records.ts";
import { createBreaker, planBreakdowns } from "./breakdowns.ts";
import { startOwner, type Owner } from "./owner.ts";
import { bookAndPay, type PayerEnd } from "./payer.ts";
import type { PayerParts } from "./payer-parts.ts";
import { planPayer } from "./payer-plan.ts";
import { createOwnerClient } from "./owner-client.ts";
import { createSiteClient } from "./site-client.ts";
import { auditStorm, type StormAudit, type Truth } from "./storm-audit.ts";
import { watchWallets } from "./wallets.ts";
import type { ServerKinds } from "./storm-servers.ts";
import { startStormWorld, type StormWorld } from "./storm-world.ts";

export interface StormOptions {
  readonly payments: number;
  readonly seed: number;
  /** How many parents book or tap "Pay" at the same moment. */
  readonly atOnce: number;
  /** Also injects faults that take minutes to settle: money that only a query after 2 minutes finds, answers that never come. */
  readonly isPatient: boolean;
  /** After this time no more payments begin; the report then says so. */
  readonly rageMaxMs: number;
  /**
   * How long settling may take afterwards. The service queries a lost callback 20, 40, 65, 90 and 120 s after its request, and a timed out prompt again
   * after 2 minutes. A refund without a result is requested again after 2 minutes, and parents type codes after 45 s.
   */
  readonly settleMaxMs: number;
  readonly servers: ServerKinds;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface StormReport {
  readonly options: Pick<StormOptions, "payments" | "seed" | "atOnce">;
  readonly payments: number;
  readonly audit: StormAudit;
  readonly injected: ReadonlyMap<string, number>;
  readonly happened: ReadonlyMap<string, number>;
  /** Parents who saw "paid" though no money moved. */
  readonly toldWrongly: readonly string[];
  /** What the owner's server was told by webhooks, and is not what happened, or not in that order. */
  readonly toldOtherwise: readonly string[];
  readonly gaveUp: number;
  /** Copies that exited without being killed. */
  readonly crashes: number;
  readonly errorLines: ReadonlyMap<string, number>;
  readonly ragedMs: number;
  readonly settledMs: number;
}

export const stormDefaults = {
  payments: 2_000,
  atOnce: 48,
  isPatient: true,
  rageMaxMs: 10 * 60_000,
  settleMaxMs: 7 * 60_000,
  servers: { database: "mariadb", redis: "redis" },
} as const;

const LOOK_EVERY_MS = 500;
/** Between two requests for what is missing: time to send it. */
const CATCH_UP_EVERY_MS = 3_000;
const SAY_EVERY_MS = 10_000;

/** Runs one storm, and stops everything that it started even if it fails. */
export async function runStorm(options: StormOptions): Promise<StormReport> {
  const world = await startStormWorld(options.seed, options.servers);
  const database = openDatabase({ kind: "mysql", url: world.database.urlWithoutFaults });
  try {
    return await rage(world, database, options);
  } finally {
    await database.close();
    await world.stop();
  }
}

async function rage(world: StormWorld, database: Database, options: StormOptions): Promise<StormReport> {
  const { payments, seed, isPatient, say, signal } = options;
  const injected = new Map<string, number>();
  const happened = new Map<string, number>();
  const counter = (counts: Map<string, number>) => (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const over = new AbortController();
  signal?.addEventListener("abort", () => over.abort(), { once: true });
  const urls = world.copies.map(({ url }) => url);
  const client = createSiteClient(urls, world);
  const { control } = world.simulator;
  const wallets = watchWallets(control);
  const parts: PayerParts = {
    client,
    control,
    isPatient,
    paybill: world.accounts.paybill,
    walletOf: wallets.of,
    bookings: new Map(),
    waiting: new Map(),
    over: over.signal,
    current: new Map(),
    askOwner: (receipt, reference) => world.enterMoney(receipt, reference),
    happened: counter(happened),
    injected: counter(injected),
  };
  const { secretKey } = world;
  let isCalm = false;
  const owner = startOwner({ ...parts, urls, secretKey, seed, isCalm: () => isCalm });
  const breaker = createBreaker(world, counter(happened));
  const breakdowns = planBreakdowns(seed, payments);
  const plans = Array.from({ length: payments }, (_, number) => planPayer(seed, number, isPatient));
  const endCounting = countFaults(parts);
  const ends: PayerEnd[] = [];
  const watching: Promise<void>[] = [];
  const startedAtMs = performance.now();
  let begun = 0;
  const talking = setInterval(
    () =>
      begun < payments &&
      say(`${seconds(performance.now() - startedAtMs)}: ${begun} of ${payments} payments begun, ${world.simulator.ledger.length} paid`),
    SAY_EVERY_MS,
  );
  try {
    const worker = async (): Promise<void> => {
      for (;;) {
        const plan = plans[begun];
        if (!plan || over.signal.aborted || performance.now() - startedAtMs > options.rageMaxMs) return;
        begun += 1;
        while (breakdowns[0] && breakdowns[0].afterPayments < begun) breaker.break(breakdowns.shift()!);
        const payer = await bookAndPay(parts, plan);
        watching.push(payer.watching.then((end) => void ends.push(end)));
      }
    };
    await Promise.all(Array.from({ length: options.atOnce }, worker));
    await breaker.mended();
    isCalm = true;
    const ragedMs = performance.now() - startedAtMs;
    say(`${seconds(ragedMs)}: all payments have begun, everything works again; waiting until all are settled`);
    const truth = (): Truth => truthOf(world, parts.bookings);
    const settledMs = await settle(world, database, options, {
      owner,
      truth,
      parents: () => ({ begun, ended: ends.length, doing: [...parts.waiting.values()].map((doing) => doing()) }),
    });
    over.abort();
    await Promise.all([...watching, owner.stopped]);
    await catchUp(world, database, options);
    const rows = await readRows(database);
    const result = auditStorm(truth(), rows);
    const toldOtherwise = await world.receiver.audit(database, rows);
    for (const [kind, times] of [...breaker.done, ...world.receiver.happened]) injected.set(kind, times);
    return {
      options: { payments, seed, atOnce: options.atOnce },
      payments: begun,
      audit: result,
      injected,
      happened,
      toldWrongly: toldWrongly(world, ends),
      toldOtherwise,
      gaveUp: ends.filter(({ how }) => how === "gave_up").length,
      crashes: world.copies.filter((copy) => !copy.isRunning).length,
      errorLines: errorLines(world),
      ragedMs,
      settledMs,
    };
  } finally {
    clearInterval(talking);
    over.abort();
    endCounting();
    wallets.stop();
    await client.close();
  }
}

const truthOf = ({ simulator: { control } }: StormWorld, bookingOfPayer: ReadonlyMap<string, string>): Truth => ({
  ledger: control.ledger,
  prompts: control.prompts,
  deliveries: control.deliveries,
  bookingOfPayer,
});

type Parents = { begun: number; ended: number; doing: readonly string[] };
const TOLD_AT_MOST = 5;

/** Resolves when every shilling has its place and nothing is pending, or when the time is up. @returns how long it took */
async function settle(
  world: StormWorld,
  database: Database,
  { settleMaxMs, signal, say }: StormOptions,
  { owner, truth, parents }: { owner: Owner; truth: () => Truth; parents: () => Parents },
): Promise<number> {
  const startedAtMs = performance.now();
  let saidAtMs = startedAtMs;
  for (;;) {
    const elapsedMs = performance.now() - startedAtMs;
    if (elapsedMs > settleMaxMs || signal?.aborted === true) return elapsedMs;
    const isIdle = await world.simulator.control.waitForIdle(LOOK_EVERY_MS).then(
      () => true,
      () => false,
    );
    if (isIdle) {
      const { unsettled, lost, unreported } = auditStorm(truth(), await readRows(database));
      const { begun, ended, doing } = parents();
      // An unanswered push is `requested` for 15 s; only then does it count as unreported.
      const isQuiet = unreported.every(({ attempt }) => attempt.status !== "requested");
      const isAllAccountedFor = unsettled.length === 0 && lost.length === 0 && owner.waiting === 0;
      if (performance.now() - saidAtMs > SAY_EVERY_MS) {
        saidAtMs = performance.now();
        say(
          `settling for ${seconds(elapsedMs)}: ${lost.length} without a place, ${unsettled.length} open, ${owner.waiting} refunds pending, ` +
            `${begun - ended} parents waiting`,
        );
        if (doing.length <= TOLD_AT_MOST) for (const one of doing) say(`  ${one}`);
      }
      if (isAllAccountedFor && isQuiet && ended + unreported.length >= begun) return elapsedMs;
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** The owner's server works again, and asks for every message that it did not take. */
async function catchUp(
  { receiver, copies, secretKey }: StormWorld,
  database: Database,
  { settleMaxMs, signal }: StormOptions,
): Promise<void> {
  const call = createOwnerClient(() => copies[0].url, secretKey);
  const giveUpAtMs = performance.now() + settleMaxMs;
  for (;;) {
    const isAllTaken = await receiver.catchUp(call, database);
    if (isAllTaken || performance.now() > giveUpAtMs || signal?.aborted === true) return;
    await pause(CATCH_UP_EVERY_MS);
  }
}

/** The delay of a failure callback that the success callback must overtake. */
const OVERTAKE_AFTER_MS = 100;

/** After this time a failed prompt reports nothing more. Its failure callback has been sent by then. */
const SILENT_AFTER_MS = 1_500;

/** Counts each planned fault when it happens, lets success callbacks overtake failures, and suppresses later callbacks where planned. */
function countFaults({ control, current, injected }: PayerParts): () => void {
  return control.listen((event) => {
    if (event.type !== "push_accepted" && event.type !== "prompt_closed") return;
    const plan = current.get(event.phone);
    if (event.type === "push_accepted" && plan && plan.fault !== null) injected(plan.fault);
    if (event.type === "prompt_closed" && event.prompt.outcome?.code === "1037" && plan?.silentAfterwards === true)
      setTimeout(() => {
        // The next prompt on this phone has faults of its own.
        if (current.get(event.phone) !== plan) return;
        control.setFaultsForPhone(event.phone, { ...plan.faults, callbackLost: true, c2bBesideStk: false });
      }, SILENT_AFTER_MS).unref();
    if (event.type === "prompt_closed" && event.prompt.outcome?.code === "1037" && plan?.overtaken === true)
      setTimeout(() => control.setFaultsForPhone(event.phone, { ...plan.faults, callbackLateMs: 0 }), OVERTAKE_AFTER_MS).unref();
  });
}

function toldWrongly({ simulator: { ledger } }: StormWorld, ends: readonly PayerEnd[]): string[] {
  const payers = new Set(ledger.map(({ payerPhone }) => payerPhone));
  return ends
    .filter(({ seen, plan }) => seen?.payment_status === "paid" && !payers.has(plan.phone))
    .map(({ bookingId }) => `booking ${bookingId ?? ""} was shown as paid`);
}

/** The copies' ERROR lines, and why callbacks were not processed at once. */
function errorLines({ copies }: StormWorld): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of copies.flatMap((copy) => copy.log().split("\n"))) {
    const isTold = line.includes('"level":"error"') || line.includes('"level":"fatal"') || line.includes("callback could not be processed");
    if (!isTold) continue;
    const message = /"msg":"([^"]*)"/.exec(line)?.[1] ?? line.slice(0, 200);
    const cause = /"message":"([^"]{0,120})/.exec(line)?.[1];
    const what = cause === undefined ? message : `${message}: ${cause}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(0)} s`;
}
