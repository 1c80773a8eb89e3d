/** One, two and four copies of the service on one machine, beside each other. */
import type { ServiceCopy } from "../faults/service-copy.ts";
import { median, type Benchmark, type Finding, type Say } from "./figures.ts";
import { inLoadWorld, type LoadWorld } from "./load-world.ts";
import { copiesCells, copiesColumns, copiesHow, copiesRaw, measureCopies, type CopiesRound } from "./measure-copies.ts";

const COUNTS = [1, 2, 4] as const;
const ROUNDS = 5;

export const copies: Benchmark = {
  name: "copies",
  run: (say, { short }) => inLoadWorld((world, first) => measure(world, first, say, short ? 1 : ROUNDS)),
};

async function measure(world: LoadWorld, first: ServiceCopy, say: Say, rounds: number): Promise<Finding> {
  const all = [first];
  while (all.length < Math.max(...COUNTS)) all.push(await world.startCopy());
  await measureCopies(world, all, (line) => say(`warming up: ${line}`));
  const found = new Map<number, CopiesRound[]>(COUNTS.map((count) => [count, []]));
  // They take turns. Copies that get no load run on, and cost their background work only.
  for (let round = 0; round < rounds; round++)
    for (const count of COUNTS) found.get(count)?.push(await measureCopies(world, all.slice(0, count), say));
  return toFinding(found);
}

function toFinding(found: ReadonlyMap<number, readonly CopiesRound[]>): Finding {
  const of = (count: number, what: keyof CopiesRound): number => median((found.get(count) ?? []).map((round) => round[what]));
  const isReached = COUNTS.every((count) => of(count, "eventP50") <= 10 && of(count, "eventP99") <= 50);
  const isNoneLost = [...found.values()].flat().every(({ missing }) => missing === 0);
  const times = (of(2, "recorded") / of(1, "recorded")).toFixed(2);
  return {
    name: "copies",
    title: "One, two and four copies",
    how: `${copiesHow} Four copies run all the time, and share two cores with the database, Redis and the load.`,
    table: {
      columns: ["copies under load", ...copiesColumns],
      rows: [...found].map(([count, rounds]) => [String(count), ...copiesCells(rounds)]),
    },
    verdict:
      `Goal: from the callback to the page p50 at most 10 ms, p99 at most 50 ms, at any number of copies, and no page untold. ` +
      `${isReached && isNoneLost ? "Reached" : "Missed"}. Two copies record ${times} times as much as one.`,
    raw: Object.fromEntries([...found].flatMap(([count, rounds]) => copiesRaw(String(count), rounds))),
  };
}
