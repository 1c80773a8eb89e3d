/** Some copies of the service at once: callbacks recorded, and from the callback to the page. */
import type { ServiceCopy } from "../faults/service-copy.ts";
import { quantile, withSpread, type Say } from "./figures.ts";
import { preparePayments, type LoadWorld } from "./load-world.ts";
import { byStream } from "./notify-pages.ts";
import { record, type Recorded } from "./send-callbacks.ts";

const CONNECTIONS = 32;
const CALLBACKS = 3_000;
const PAGES = 1_000;
const PAID_PAGES = 500;

export type CopiesRound = Recorded & { eventP50: number; eventP99: number; missing: number };

export async function measureCopies(world: LoadWorld, copies: readonly ServiceCopy[], say: Say): Promise<CopiesRound> {
  const urls = copies.map(({ url }) => url);
  const ports = copies.map(({ port }) => port);
  const recorded = await record(world, urls, await preparePayments(world, CALLBACKS), CONNECTIONS);
  const { latenciesMs, missing } = await byStream(world, ports, { pages: PAGES, callbacks: PAID_PAGES });
  // `byStream` leaves pages that were not paid, which would count as open in the next round.
  await world.database.knex("payments").whereNotNull("open_key").update({ open_key: null });
  const round = { ...recorded, eventP50: quantile(latenciesMs, 0.5), eventP99: quantile(latenciesMs, 0.99), missing };
  say(
    `${copies.length} copies: ${round.recorded.toFixed(0)}/s, 200 after ${round.ackP50.toFixed(1)} ms; ` +
      `page told after ${round.eventP50.toFixed(1)} ms, p99 ${round.eventP99.toFixed(1)} ms, ${missing} never`,
  );
  return round;
}

export const copiesHow =
  `${CALLBACKS} callbacks over ${CONNECTIONS} connections; then ${PAGES} pages with a stream, spread over the copies, and 100 callbacks a second, each at another ` +
  "copy than its page's, if there is another.";

export const copiesColumns = [
  "callbacks recorded /s",
  "200 after, p50 ms",
  "p99 ms",
  "callback to page, p50 ms",
  "p99 ms",
  "pages never told",
] as const;

export function copiesCells(rounds: readonly CopiesRound[]): string[] {
  const of = (what: keyof CopiesRound): number[] => rounds.map((round) => round[what]);
  return [
    withSpread(of("recorded")),
    withSpread(of("ackP50"), 1),
    withSpread(of("ackP99"), 1),
    withSpread(of("eventP50"), 1),
    withSpread(of("eventP99"), 1),
    String(of("missing").reduce((sum, count) => sum + count, 0)),
  ];
}

/** Every value, under the name of what was measured. */
export function copiesRaw(name: string, rounds: readonly CopiesRound[]): [string, number[]][] {
  return (["recorded", "ackP50", "ackP99", "eventP50", "eventP99", "missing"] as const).map((what) => [
    `${what} ${name}`,
    rounds.map((round) => round[what]),
  ]);
}
