import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";
import { startRedis, type PrivateRedis } from "./redis.ts";

const SLOTS = 16_384;
/** An election on a machine ten times busier. */
const GIVE_UP_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** A private Redis Cluster: primaries that share the slots, each with as many replicas as asked for. */
export interface PrivateRedisCluster {
  /** redis://127.0.0.1:PORT,127.0.0.1:PORT,…: the primaries of the start. */
  readonly url: string;
  readonly primaries: readonly PrivateRedis[];
  readonly replicas: readonly PrivateRedis[];
  /** Resolves once every node sees all slots served. */
  healthy(): Promise<void>;
  stop(): Promise<void>;
}

export interface PrivateRedisClusterOptions {
  readonly primaries?: number;
  readonly replicasEach?: number;
  /** After this silence a node counts as failed, and its replica takes its place. */
  readonly nodeTimeoutMs?: number;
  /** The port that clients are sent to instead of a node's own, such as a proxy's. Asked once for each node. */
  readonly announcedPort?: (port: number) => number;
}

/** Starts an empty cluster on free ports of 127.0.0.1. Its files are removed when it stops. */
export async function startRedisCluster(options: PrivateRedisClusterOptions = {}): Promise<PrivateRedisCluster> {
  const { primaries: count = 3, replicasEach = 0, nodeTimeoutMs = 2_000, announcedPort = (port) => port } = options;
  const nodes: ClusterNode[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    for (let index = 0; index < count * (1 + replicasEach); index++) {
      // By default 10,000 above the server's port, where there may be no port.
      const busPort = await freePort();
      const args = (port: number): string[] =>
        Object.entries({
          "--cluster-enabled": "yes",
          "--cluster-config-file": `nodes-${port}.conf`,
          "--cluster-node-timeout": String(nodeTimeoutMs),
          "--cluster-port": String(busPort),
          "--cluster-announce-port": String(announcedPort(port)),
        }).flat();
      nodes.push(Object.assign(await startRedis({ args }), { busPort }));
    }
    const primaries = nodes.slice(0, count);
    const replicas = nodes.slice(count);
    await join(primaries, replicas);
    return {
      url: `redis://${primaries.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
      primaries,
      replicas,
      healthy: () => untilAll(nodes, isHealthy, "a healthy cluster"),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type ClusterNode = PrivateRedis & { busPort: number };

/** What `redis-cli --cluster create` does. */
async function join(primaries: readonly ClusterNode[], replicas: readonly ClusterNode[]): Promise<void> {
  const nodes = [...primaries, ...replicas];
  const [first] = nodes;
  if (!first) throw new Error("a cluster needs nodes");
  for (const [index, { port }] of nodes.entries())
    await withNode(port, async (node) => {
      const from = Math.floor((index * SLOTS) / primaries.length);
      const to = Math.floor(((index + 1) * SLOTS) / primaries.length) - 1;
      if (index < primaries.length) await node.call("CLUSTER", "ADDSLOTSRANGE", from, to);
      await node.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
      if (port !== first.port) await node.call("CLUSTER", "MEET", "127.0.0.1", first.port, first.busPort);
    });
  await untilAll(nodes, async (node) => (await isHealthy(node)) && (await knownNodes(node)) === nodes.length, "the nodes to meet");
  for (const [index, { port }] of replicas.entries()) {
    const primary = primaries[index % primaries.length];
    const id = await withNode(primary?.port ?? 0, (node) => node.call("CLUSTER", "MYID"));
    await withNode(port, (node) => node.call("CLUSTER", "REPLICATE", String(id)));
  }
  // A replica is elected only if it has had its primary's data.
  await untilAll(replicas, async (node) => /master_link_status:up/.test(await node.info("replication")), "the replicas");
}

async function isHealthy(node: Redis): Promise<boolean> {
  return String(await node.call("CLUSTER", "INFO")).includes("cluster_state:ok");
}

async function knownNodes(node: Redis): Promise<number> {
  return Number(/cluster_known_nodes:(\d+)/.exec(String(await node.call("CLUSTER", "INFO")))?.[1]);
}

async function untilAll(nodes: readonly PrivateRedis[], isTrue: (node: Redis) => Promise<boolean>, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
  for (const { port } of nodes)
    while (!(await withNode(port, isTrue).catch(() => false))) {
      if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
      await pause(LOOK_EVERY_MS);
    }
}

async function withNode<Result>(port: number, work: (node: Redis) => Promise<Result>): Promise<Result> {
  const node = new Redis({ port, host: "127.0.0.1", lazyConnect: true, retryStrategy: () => null });
  node.on("error", () => undefined);
  try {
    await node.connect();
    return await work(node);
  } finally {
    node.disconnect();
  }
}
