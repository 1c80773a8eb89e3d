/** Callbacks recorded durably per second, beside the bare loop and a straightforward handler. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { median, quantile, withSpread, type Benchmark, type Say } from "./figures.ts";
import { preparePayments, inLoadWorld, type LoadWorld, type PromptedPayment } from "./load-world.ts";
import { startReference } from "./references/start-reference.ts";
import { record, sendCallbacks, type Recorded } from "./send-callbacks.ts";

const CONNECTIONS = [1, 8, 32, 128] as const;
const ROUNDS = 5;
/** One connection needs fewer to take as long. */
const callbacksFor = (connections: number): number => Math.min(3_000, connections * 300);
const WARM_UP = 2_000;

type Round = Recorded & { bare: number; plain: number; plainP50: number };

export const callbacks: Benchmark = {
  name: "callbacks",
  run: (say) =>
    inLoadWorld(async (world, copy) => {
      const plain = await startPlainHandler(world.databaseUrl);
      await record(world, [copy.url], await preparePayments(world, WARM_UP), 32);
      const rounds = new Map<number, Round[]>();
      for (const connections of CONNECTIONS) rounds.set(connections, await measure(world, { url: copy.url, plain, connections, say }));
      plain.stop();
      return toFinding(rounds);
    }),
};

/** The three take turns, so that whatever else the machine does meets all of them. */
async function measure(
  world: LoadWorld,
  { url, plain, connections, say }: { url: string; plain: PlainHandler; connections: number; say: Say },
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const count = callbacksFor(connections);
    const ours = await record(world, [url], await preparePayments(world, count), connections);
    const bare = await runBareLoop(world.databaseUrl, connections, count);
    const plainly = await plain.record(world, await preparePayments(world, count), connections);
    await closeOpen(world);
    rounds.push({ ...ours, bare, ...plainly });
    say(
      `${connections} connections, round ${round}: ${ours.recorded.toFixed(0)}/s; bare loop ${bare}/s; plain ${plainly.plain.toFixed(0)}/s`,
    );
  }
  return rounds;
}

/** What the plain handler has recorded is open for the service, which would ask Safaricom about it. */
async function closeOpen({ database }: LoadWorld): Promise<void> {
  await database.knex("payments").whereNotNull("open_key").update({ status: "failed", open_key: null, next_query_at: null });
}

async function runBareLoop(databaseUrl: string, connections: number, count: number): Promise<number> {
  const program = join(import.meta.dirname, "references/bare-loop.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, databaseUrl, String(connections), String(count)]);
  return Number(stdout);
}

type PlainHandler = {
  record(world: LoadWorld, payments: readonly PromptedPayment[], connections: number): Promise<Pick<Round, "plain" | "plainP50">>;
  stop(): void;
};

async function startPlainHandler(databaseUrl: string): Promise<PlainHandler> {
  const { port, stop } = await startReference("plain-handler.ts", databaseUrl);
  return {
    async record({ database }, payments, connections) {
      const rows = payments.map(({ checkoutRequestId }) => ({ checkout_request_id: checkoutRequestId, status: "prompted" }));
      await database.knex.batchInsert("plain_payments", rows, 500);
      const toOnePath = payments.map((payment) => ({ ...payment, path: "/callback" }));
      const { startedAtMs, endedAtMs, latenciesMs, notAccepted } = await sendCallbacks(
        [`http://127.0.0.1:${port}`],
        toOnePath,
        connections,
      );
      if (notAccepted > 0) throw new Error(`the plain handler did not take ${notAccepted} callbacks`);
      return { plain: payments.length / ((endedAtMs - startedAtMs) / 1_000), plainP50: quantile(latenciesMs, 0.5) };
    },
    stop,
  };
}

function toFinding(rounds: ReadonlyMap<number, readonly Round[]>) {
  const of = (connections: number, what: keyof Round): number[] => (rounds.get(connections) ?? []).map((round) => round[what]);
  const share = (connections: number): number => median(of(connections, "recorded")) / median(of(connections, "bare"));
  const rows = CONNECTIONS.map((connections) => [
    String(connections),
    withSpread(of(connections, "recorded")),
    withSpread(of(connections, "bare")),
    withSpread(of(connections, "plain")),
    share(connections).toFixed(2),
    withSpread(of(connections, "ackP50"), 1),
    withSpread(of(connections, "ackP99"), 1),
    withSpread(of(connections, "plainP50"), 1),
  ]);
  const isReached = share(32) >= 1 && share(128) >= 1;
  return {
    name: "callbacks",
    title: "Callbacks recorded durably per second",
    how:
      "Each callback is about another payment, with a body as Safaricom sends it. Counted until the last payment is recorded with its history and booked session, " +
      "not until the last answer. The bare loop is one transaction (an insert and an update) for each callback through mysql2, without HTTP or anything else. The plain " +
      "handler is Express with four statements, one after the other.",
    table: {
      columns: [
        "connections",
        "SomoPay /s",
        "bare loop /s",
        "plain handler /s",
        "of the bare loop",
        "200 after, p50 ms",
        "p99 ms",
        "plain handler, p50 ms",
      ],
      rows,
    },
    verdict:
      `Goal: at least the bare loop's figure at 32 connections and above. ${isReached ? "Reached" : "Missed"}: ${share(32).toFixed(2)} of it at 32, ` +
      `${share(128).toFixed(2)} at 128.`,
    raw: Object.fromEntries(
      [...rounds].flatMap(([connections, values]) =>
        (["recorded", "bare", "plain", "ackP50", "ackP99"] as const).map((what) => [
          `${what} ${connections}`,
          values.map((value) => value[what]),
        ]),
      ),
    ),
  };
}
