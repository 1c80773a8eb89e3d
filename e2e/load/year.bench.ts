/** A year's payments in the tables: which indexes the service's own statements use, and callbacks beside those of empty tables. */
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceCopy } from "../faults/service-copy.ts";
import { explainAll, type Plan } from "./explain.ts";
import { median, withSpread, type Benchmark, type Finding, type Say } from "./figures.ts";
import { preparePayments, startLoadWorld, type LoadWorld } from "./load-world.ts";
import { createParents } from "./parents.ts";
import { record, type Recorded } from "./send-callbacks.ts";
import { startSlowSafaricom, type SlowSafaricom } from "./slow-safaricom.ts";
import { statementsDuring } from "./statement-log.ts";
import { fillYear, keepPattern, yearBytes } from "./year-table.ts";

const YEAR = 10_000_000;
const FILL_MAX_S = 300;
const BYTES_MAX = 10e9;
/** From these the size of all is reckoned. */
const SAMPLE = 50_000;
const ROUNDS = 5;
const CALLBACKS = 3_000;
const CONNECTIONS = 32;
/** Most of the background work comes every second, some of it every minute. */
const BACKGROUND_MS = 70_000;

export const year: Benchmark = {
  name: "year",
  async run(say, { short, rows }) {
    const safaricom = await startSlowSafaricom(0);
    const options = { mpesaBaseUrl: safaricom.url };
    const empty = await startLoadWorld(options);
    const full = await startLoadWorld(options).catch(async (error: unknown) => {
      await empty.stop();
      throw error;
    });
    try {
      const startedAtMs = performance.now();
      const payments = await fill(full, safaricom, { say, rows });
      const bytes = await yearBytes(full);
      say(`${payments} payments, ${(bytes / 1e9).toFixed(1)} GB, in ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`);
      const plans = await plansOf(full, safaricom, short ? 5_000 : BACKGROUND_MS);
      const rounds = await measure({ empty, full }, say, short ? 1 : ROUNDS);
      return toFinding({ payments, bytes, plans, rounds });
    } finally {
      await full.stop();
      await empty.stop();
      safaricom.close();
    }
  },
};

async function fill(world: LoadWorld, safaricom: SlowSafaricom, { say, rows }: { say: Say; rows: number | null }): Promise<number> {
  const copy = await world.startCopy();
  const parents = createParents(world, copy, safaricom);
  await parents.payOnce();
  await parents.close();
  await copy.stop();
  await keepPattern(world);
  if (rows !== null) {
    await fillYear(world, rows);
    return rows;
  }
  const startedAtMs = performance.now();
  await fillYear(world, SAMPLE);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const share = Math.min(FILL_MAX_S / seconds, BYTES_MAX / (await yearBytes(world)));
  const payments = Math.min(YEAR, Math.floor(share * SAMPLE));
  say(`${SAMPLE} payments take ${seconds.toFixed(1)} s, so there will be ${payments}`);
  await fillYear(world, payments);
  return payments;
}

/** The service's own statements for one payment, and in the background. */
async function plansOf(world: LoadWorld, safaricom: SlowSafaricom, backgroundMs: number): Promise<Plan[]> {
  const copy = await world.startCopy();
  const parents = createParents(world, copy, safaricom);
  const statements = await statementsDuring(world, async () => {
    await parents.payOnce();
    await pause(backgroundMs);
  });
  await parents.close();
  const plans = await explainAll(world, statements);
  await copy.stop();
  return plans;
}

type Worlds = { empty: LoadWorld; full: LoadWorld };
type Rounds = { empty: Recorded[]; full: Recorded[] };

async function measure(worlds: Worlds, say: Say, rounds: number): Promise<Rounds> {
  const copies: Record<keyof Worlds, ServiceCopy> = { empty: await worlds.empty.startCopy(), full: await worlds.full.startCopy() };
  const once = async (which: keyof Worlds): Promise<Recorded> => {
    const world = worlds[which];
    const recorded = await record(world, [copies[which].url], await preparePayments(world, CALLBACKS), CONNECTIONS);
    say(`${which}: ${recorded.recorded.toFixed(0)}/s, 200 after ${recorded.ackP50.toFixed(1)} ms, p99 ${recorded.ackP99.toFixed(1)} ms`);
    return recorded;
  };
  await once("empty");
  await once("full");
  const found: Rounds = { empty: [], full: [] };
  for (let round = 0; round < rounds; round++) for (const which of ["empty", "full"] as const) found[which].push(await once(which));
  return found;
}

const SHAPE_MAX = 110;

function toFinding({
  payments,
  bytes,
  plans,
  rounds,
}: {
  payments: number;
  bytes: number;
  plans: readonly Plan[];
  rounds: Rounds;
}): Finding {
  const cells = (recorded: readonly Recorded[]): string[] => [
    withSpread(recorded.map((round) => round.recorded)),
    withSpread(
      recorded.map(({ ackP50 }) => ackP50),
      1,
    ),
    withSpread(
      recorded.map(({ ackP99 }) => ackP99),
      1,
    ),
  ];
  const share = median(rounds.full.map(({ recorded }) => recorded)) / median(rounds.empty.map(({ recorded }) => recorded));
  const whole = plans.filter(({ isIndexed }) => !isIndexed);
  const shorten = (shape: string): string =>
    (shape.length > SHAPE_MAX ? `${shape.slice(0, SHAPE_MAX)}…` : shape).replaceAll("`", "").replaceAll("|", "\\|");
  return {
    name: "year",
    title: "A year's payments in the tables",
    how:
      `${payments.toLocaleString("en")} payments with their bookings, sessions, history and callbacks (${(bytes / 1e9).toFixed(1)} GB with indexes; InnoDB's pool is 1 GB), ` +
      `beside empty tables on another server with the same settings. ${CALLBACKS} callbacks over ${CONNECTIONS} connections, in turn. Below: every statement that the service ` +
      "sent for one payment and in the background, from the database's log, with the indexes that it uses.",
    table: {
      columns: ["what", "callbacks recorded /s, or indexes", "200 after, p50 ms, or rows read", "p99 ms"],
      rows: [
        ["empty tables", ...cells(rounds.empty)],
        [`${payments.toLocaleString("en")} payments`, ...cells(rounds.full)],
        ...plans.map(({ shape, indexes, rows }) => [
          shorten(shape),
          indexes.join(", ") || "(by its key: the row has changed since)",
          String(rows),
          "",
        ]),
      ],
    },
    verdict:
      `Goal: within 20 % of the empty tables, and every statement by an index. ${share >= 0.8 && whole.length === 0 ? "Reached" : "Missed"}: ${share.toFixed(2)} of the ` +
      `empty tables' figure; ${whole.length} of ${plans.length} statements read a table whole.`,
    raw: {
      "recorded empty": rounds.empty.map(({ recorded }) => recorded),
      "recorded full": rounds.full.map(({ recorded }) => recorded),
      "rows read": plans.map(({ rows }) => rows),
    },
  };
}
