/** Redis Cluster with sharded pub/sub, beside one Redis. */
import { median, type Benchmark, type Finding, type Say } from "./figures.ts";
import { startLoadWorld, type LoadWorld } from "./load-world.ts";
import { copiesCells, copiesColumns, copiesHow, copiesRaw, measureCopies, type CopiesRound } from "./measure-copies.ts";
import { startRedisCluster } from "../servers/redis-cluster.ts";

const ROUNDS = 5;
const COPIES = 2;

export const cluster: Benchmark = {
  name: "cluster",
  async run(say, { short }) {
    const world = await startLoadWorld();
    const redisCluster = await startRedisCluster();
    try {
      return await measure(world, redisCluster.url, say, short ? 1 : ROUNDS);
    } finally {
      await world.stop();
      await redisCluster.stop();
    }
  },
};

async function measure(world: LoadWorld, clusterUrl: string, say: Say, rounds: number): Promise<Finding> {
  const withOne = await startCopies(world, {});
  const withCluster = await startCopies(world, { REDIS_URL: clusterUrl });
  for (const copies of [withOne, withCluster]) await measureCopies(world, copies, (line) => say(`warming up: ${line}`));
  const one: CopiesRound[] = [];
  const three: CopiesRound[] = [];
  for (let round = 0; round < rounds; round++) {
    one.push(await measureCopies(world, withOne, (line) => say(`one Redis: ${line}`)));
    three.push(await measureCopies(world, withCluster, (line) => say(`cluster: ${line}`)));
  }
  return toFinding(one, three);
}

async function startCopies(world: LoadWorld, more: Record<string, string>) {
  return Promise.all(Array.from({ length: COPIES }, () => world.startCopy(more)));
}

function toFinding(one: readonly CopiesRound[], three: readonly CopiesRound[]): Finding {
  const of = (rounds: readonly CopiesRound[], what: keyof CopiesRound): number => median(rounds.map((round) => round[what]));
  const isReached = of(three, "eventP50") <= 10 && of(three, "eventP99") <= 50 && three.every(({ missing }) => missing === 0);
  return {
    name: "cluster",
    title: "Redis Cluster with sharded pub/sub",
    how: `Two copies with one Redis, and two with a cluster of three primaries, in turn. ${copiesHow}`,
    table: {
      columns: ["Redis", ...copiesColumns],
      rows: [
        ["one server", ...copiesCells(one)],
        ["cluster of three primaries", ...copiesCells(three)],
      ],
    },
    verdict: `Goal: from the callback to the page p50 at most 10 ms, p99 at most 50 ms, no page untold. With the cluster ${isReached ? "reached" : "missed"}.`,
    raw: Object.fromEntries([...copiesRaw("one server", one), ...copiesRaw("cluster", three)]),
  };
}
