/** Prompts started per second, with a Safaricom that takes 300 ms for each. */
import { Pool } from "undici";
import { SITE_ORIGIN } from "../faults/storm-world.ts";
import type { ServiceCopy } from "../faults/service-copy.ts";
import { median, quantile, withSpread, type Benchmark, type Say } from "./figures.ts";
import { prepareBookings, inLoadWorld, type LoadWorld } from "./load-world.ts";
import { processorSeconds, residentKb } from "./process-use.ts";
import { startSlowSafaricom } from "./slow-safaricom.ts";

const SAFARICOM_TAKES_MS = 300;
const PARENTS_AT_ONCE = 256;
const PUSHES = 3_000;
const ROUNDS = 5;
const GOAL_PER_SECOND = 300;

type Round = { perSecond: number; p50: number; p99: number; residentMb: number; processorMs: number };

export const pushes: Benchmark = {
  name: "pushes",
  async run(say) {
    const safaricom = await startSlowSafaricom(SAFARICOM_TAKES_MS);
    const measure = async (world: LoadWorld, copy: ServiceCopy): Promise<Round[]> => {
      await start(world, copy, 500);
      const rounds: Round[] = [];
      for (let round = 1; round <= ROUNDS; round++) rounds.push(tell(say, round, await start(world, copy, PUSHES)));
      return rounds;
    };
    return toFinding(await inLoadWorld(measure, { mpesaBaseUrl: safaricom.url }).finally(safaricom.close));
  },
};

function tell(say: Say, round: number, found: Round): Round {
  say(`round ${round}: ${found.perSecond.toFixed(0)}/s, p50 ${found.p50.toFixed(0)} ms, ${found.residentMb.toFixed(0)} MB`);
  return found;
}

async function start(world: LoadWorld, copy: ServiceCopy, count: number): Promise<Round> {
  const bookingIds = await prepareBookings(world, count);
  const pool = new Pool(copy.url, { connections: PARENTS_AT_ONCE, pipelining: 1 });
  const latenciesMs: number[] = [];
  const waiting = bookingIds.entries();
  const parent = async (): Promise<void> => {
    for (const [index, bookingId] of waiting) {
      const startedAtMs = performance.now();
      const { statusCode, body } = await pool.request({
        method: "POST",
        path: "/api/pay/mpesa",
        headers: { "content-type": "application/json", origin: SITE_ORIGIN, "idempotency-key": `pay-${bookingId}` },
        body: JSON.stringify({ bookingId, phone: `07000${String(index).padStart(5, "0")}` }),
      });
      const answer = await body.text();
      if (statusCode !== 200) throw new Error(`a payment was answered ${statusCode}: ${answer}`);
      latenciesMs.push(performance.now() - startedAtMs);
    }
  };
  const processorBeforeS = processorSeconds(copy.pid);
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: PARENTS_AT_ONCE }, parent));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await pool.close();
  return {
    perSecond: count / seconds,
    p50: quantile(latenciesMs, 0.5),
    p99: quantile(latenciesMs, 0.99),
    residentMb: residentKb(copy.pid) / 1_024,
    processorMs: ((processorSeconds(copy.pid) - processorBeforeS) * 1_000) / count,
  };
}

function toFinding(rounds: readonly Round[]) {
  const of = (what: keyof Round): number[] => rounds.map((round) => round[what]);
  const perSecond = median(of("perSecond"));
  const growthMb = (rounds.at(-1)?.residentMb ?? 0) - (rounds[0]?.residentMb ?? 0);
  return {
    name: "pushes",
    title: "Prompts started per second",
    how:
      `${PARENTS_AT_ONCE} parents at once, each with another booking; Safaricom takes ${SAFARICOM_TAKES_MS} ms for each push. From the tap on "Pay" to the answer that the ` +
      "prompt is on the phone, with the attempt committed before its push and the reply after it.",
    table: {
      columns: [
        "prompts /s",
        "p50 ms",
        "p99 ms",
        "processor of the service each, ms",
        "memory after the first round, MB",
        "after the last",
      ],
      rows: [
        [
          withSpread(of("perSecond")),
          withSpread(of("p50")),
          withSpread(of("p99")),
          withSpread(of("processorMs"), 1),
          (rounds[0]?.residentMb ?? 0).toFixed(0),
          (rounds.at(-1)?.residentMb ?? 0).toFixed(0),
        ],
      ],
    },
    verdict:
      `Goal: ${GOAL_PER_SECOND}/s, memory flat. ${perSecond >= GOAL_PER_SECOND ? "Reached" : "Missed"}: ${perSecond.toFixed(0)}/s; memory changed by ` +
      `${growthMb.toFixed(0)} MB over ${ROUNDS * PUSHES} prompts. One process has one core: at ${median(of("processorMs")).toFixed(1)} ms for each it starts at most ` +
      `${(1_000 / median(of("processorMs"))).toFixed(0)} a second; more copies start more.`,
    raw: { perSecond: of("perSecond"), p50: of("p50"), p99: of("p99"), residentMb: of("residentMb"), processorMs: of("processorMs") },
  };
}
