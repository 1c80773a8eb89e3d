/** A Galera cluster of three on this machine beside one MariaDB: what synchronous replication costs, with one writer and with several. */
import { startGalera } from "../servers/galera.ts";
import { median, type Benchmark, type Finding, type Say } from "./figures.ts";
import { startLoadWorld, type LoadWorld } from "./load-world.ts";
import { copiesCells, copiesColumns, copiesHow, copiesRaw, measureCopies, type CopiesRound } from "./measure-copies.ts";

const ROUNDS = 5;
const COPIES = 2;
const KINDS = ["one MariaDB", "Galera, both copies write to one node", "Galera, each copy writes to another node"] as const;
type Kind = (typeof KINDS)[number];

export const galera: Benchmark = {
  name: "galera",
  async run(say, { short }) {
    // A copy must see what another one has committed on another node.
    const cluster = await startGalera(["--wsrep-sync-wait=7"]);
    const alone = await startLoadWorld();
    const together = await startLoadWorld(cluster.nodes[0] ? { databaseNode: cluster.nodes[0] } : {});
    const urls = cluster.nodes.map(({ url }) => url);
    try {
      return await measure({ alone, together, urls }, say, short ? 1 : ROUNDS);
    } finally {
      await alone.stop();
      await together.stop();
      await cluster.stop();
    }
  },
};

type Worlds = { alone: LoadWorld; together: LoadWorld; urls: readonly string[] };

async function measure({ alone, together, urls }: Worlds, say: Say, rounds: number): Promise<Finding> {
  const start = (world: LoadWorld, databaseUrls: readonly string[]) =>
    Promise.all(
      Array.from({ length: COPIES }, (_, index) => world.startCopy({ DATABASE_URL: databaseUrls[index % databaseUrls.length] ?? "" })),
    );
  const parts: Record<Kind, { world: LoadWorld; copies: Awaited<ReturnType<typeof start>> }> = {
    "one MariaDB": { world: alone, copies: await start(alone, [alone.databaseUrl]) },
    "Galera, both copies write to one node": { world: together, copies: await start(together, urls.slice(0, 1)) },
    "Galera, each copy writes to another node": { world: together, copies: await start(together, urls) },
  };
  const found = new Map<Kind, CopiesRound[]>(KINDS.map((kind) => [kind, []]));
  for (let round = 0; round <= rounds; round++)
    for (const kind of KINDS) {
      const { world, copies } = parts[kind];
      const one = await measureCopies(world, copies, (line) => say(`${kind}${round === 0 ? ", warming up" : ""}: ${line}`));
      if (round > 0) found.get(kind)?.push(one);
    }
  return toFinding(found);
}

function toFinding(found: ReadonlyMap<Kind, readonly CopiesRound[]>): Finding {
  const recorded = (kind: Kind): number => median((found.get(kind) ?? []).map((round) => round.recorded));
  const share = (kind: Kind): string => (recorded(kind) / recorded("one MariaDB")).toFixed(2);
  const missing = [...found.values()].flat().reduce((sum, round) => sum + round.missing, 0);
  return {
    name: "galera",
    title: "Galera beside one MariaDB",
    how: `Three nodes on one machine, so that replication costs what it costs without a network. Two copies of the service. ${copiesHow}`,
    table: { columns: ["database", ...copiesColumns], rows: [...found].map(([kind, rounds]) => [kind, ...copiesCells(rounds)]) },
    verdict:
      `Goal: no page untold. ${missing === 0 ? "Reached" : "Missed"}. Beside one server, ${share(KINDS[1])} with one writer and ${share(KINDS[2])} with two; the three nodes ` +
      "share this machine's two cores.",
    raw: Object.fromEntries([...found].flatMap(([kind, rounds]) => copiesRaw(kind, rounds))),
  };
}
