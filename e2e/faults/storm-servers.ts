/** The database and the Redis of a storm: one server each, or clusters. All connections of the copies to them go through proxies. */
import { setTimeout as pause } from "node:timers/promises";
import { startGalera } from "../servers/galera.ts";
import { startGroupReplication } from "../servers/group-replication.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";
import { startRedisCluster } from "../servers/redis-cluster.ts";
import { startRedis } from "../servers/redis.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export const databaseKinds = ["mariadb", "galera", "group-replication"] as const;
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

export type StormDatabase = Part & { readonly wire: TcpProxy; readonly urlWithoutFaults: string };
export type StormRedis = Part;

type DatabaseNodes = {
  nodes: readonly PrivateMariaDb[];
  /** Which of them take writes now. */
  writable(): Promise<readonly number[]>;
  synced(): Promise<void>;
  stop(): Promise<void>;
};

/** How soon the proxies follow a change of the primary. */
const ROUTE_EVERY_MS = 200;

async function startDatabaseNodes(kind: ServerKinds["database"]): Promise<DatabaseNodes> {
  if (kind === "group-replication") {
    const group = await startGroupReplication();
    const writable = async (): Promise<number[]> => [await group.primaryPort()].filter((port) => port !== null);
    return { ...group, writable };
  }
  // A read must see what another copy has committed on another node: to the copies, all nodes are one.
  const galera = kind === "galera" ? await startGalera(["--wsrep-sync-wait=7"]) : null;
  const nodes = galera?.nodes ?? [await startMariaDb()];
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  return { nodes, writable: async () => nodes.map(({ port }) => port), synced: async () => galera?.synced(), stop: galera?.stop ?? stop };
}

export async function startStormDatabase(kind: ServerKinds["database"]): Promise<StormDatabase> {
  const { nodes, writable, synced, stop } = await startDatabaseNodes(kind);
  const targets = [...(await writable())];
  const wire = await startTcpProxy({ targets });
  const withoutFaults = await startTcpProxy({ targets });
  const over = new AbortController();
  const routing = route(targets, writable, { signal: over.signal, onMoved: () => [wire, withoutFaults].forEach((proxy) => proxy.cut()) });
  const urlAt = (port: number): string => {
    const url = new URL(nodes[0]?.url ?? "");
    url.port = String(port);
    return url.href;
  };
  return {
    ...inTurn(nodes, synced),
    url: urlAt(wire.port),
    urlWithoutFaults: urlAt(withoutFaults.port),
    wire,
    async stop() {
      over.abort();
      await routing;
      await stopAll([wire, withoutFaults, { stop }]);
    },
  };
}

/** What MySQL Router does: connections lead to the servers that take writes, and end when those change. */
async function route(
  targets: number[],
  writable: () => Promise<readonly number[]>,
  { signal, onMoved }: { signal: AbortSignal; onMoved: () => void },
): Promise<void> {
  while (!signal.aborted) {
    const ports = await writable();
    if (ports.length > 0 && ports.join() !== targets.join()) {
      targets.splice(0, targets.length, ...ports);
      onMoved();
    }
    await pause(ROUTE_EVERY_MS);
  }
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
