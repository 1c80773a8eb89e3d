/** The database and the Redis of a storm: one server each, or clusters. All connections of the copies to them go through proxies. */
import { startGalera } from "../servers/galera.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";
import { startRedisCluster } from "../servers/redis-cluster.ts";
import { startRedis } from "../servers/redis.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export const databaseKinds = ["mariadb", "galera"] as const;
export const redisKinds = ["redis", "cluster"] as const;
export type ServerKinds = { readonly database: (typeof databaseKinds)[number]; readonly redis: (typeof redisKinds)[number] };

/** Something that a storm kills and starts again. Of a cluster, another node each time. */
export type Killable = { kill9(): Promise<void>; restart(): Promise<void> };

type Part = Killable & {
  /** For the copies, through the proxy. */
  readonly url: string;
  readonly wire: Pick<TcpProxy, "cut" | "stall">;
  stop(): Promise<void>;
};

export type StormDatabase = Part & { readonly wire: TcpProxy; readonly urlWithoutProxy: string };
export type StormRedis = Part;

export async function startStormDatabase(kind: ServerKinds["database"]): Promise<StormDatabase> {
  // A read must see what another copy has committed on another node; and each node counts as the only one for the copies.
  const galera = kind === "galera" ? await startGalera(["--wsrep-sync-wait=7"]) : null;
  const nodes = galera?.nodes ?? [await startMariaDb()];
  const [first] = nodes;
  if (!first) throw new Error("there is no database");
  const wire = await startTcpProxy({ targets: nodes.map(({ port }) => port) });
  const url = new URL(first.url);
  url.port = String(wire.port);
  return {
    ...inTurn(nodes, async () => galera?.synced()),
    url: url.href,
    urlWithoutProxy: first.url,
    wire,
    async stop() {
      await wire.stop();
      await (galera ?? first).stop();
    },
  };
}

export async function startStormRedis(kind: ServerKinds["redis"]): Promise<StormRedis> {
  if (kind === "redis") {
    const redis = await startRedis();
    const wire = await startTcpProxy({ targets: [redis.port] });
    return { ...inTurn([redis]), url: `redis://127.0.0.1:${wire.port}`, wire, stop: () => stopAll([wire, redis]) };
  }
  const wires: { proxy: TcpProxy; targets: number[] }[] = [];
  for (let node = 0; node < 6; node++) {
    const targets: number[] = [];
    wires.push({ proxy: await startTcpProxy({ targets }), targets });
  }
  const free = wires.values();
  const cluster = await startRedisCluster({
    replicasEach: 1,
    announcedPort(port) {
      const wire = free.next().value;
      wire?.targets.push(port);
      return wire?.proxy.port ?? port;
    },
  });
  const proxies = wires.map(({ proxy }) => proxy);
  return {
    ...inTurn([...cluster.primaries, ...cluster.replicas], cluster.healthy),
    url: `redis://${proxies.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    wire: {
      cut: () => proxies.forEach((proxy) => proxy.cut()),
      stall: (durationMs) => proxies.forEach((proxy) => proxy.stall(durationMs)),
    },
    stop: () => stopAll([...proxies, cluster]),
  };
}

/** @param whole resolves once a node that was started again takes part */
function inTurn(nodes: readonly (Killable | PrivateMariaDb)[], whole: () => Promise<void> = async () => undefined): Killable {
  let turn = -1;
  return {
    async kill9() {
      turn += 1;
      await nodes[turn % nodes.length]?.kill9();
    },
    async restart() {
      await nodes[turn % nodes.length]?.restart();
      await whole();
    },
  };
}

async function stopAll(parts: readonly { stop(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.stop();
}
