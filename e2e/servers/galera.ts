import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { setTimeout as pause } from "node:timers/promises";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { asRoot, startMariaDb, type PrivateMariaDb, type ServerFiles } from "./mariadb.ts";

const LIBRARIES = ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so"];
/** Three, so that two can tell that the third is gone. */
const NODES = 3;
const GIVE_UP_AFTER_MS = 120_000;
const LOOK_EVERY_MS = 50;

/** A private Galera cluster of three MariaDB servers, each of which takes writes. */
export interface PrivateGalera {
  readonly nodes: readonly PrivateMariaDb[];
  /** Resolves once every node takes part. */
  synced(): Promise<void>;
  stop(): Promise<void>;
}

/** What a node needs to copy all data from another one: of Debian's packages mariadb-server, mariadb-backup and socat. */
const COPY_PROGRAMS = ["wsrep_sst_mariabackup", "mariadb-backup", "socat"];

/** Whether this machine has what a cluster needs. */
export function hasGalera(): boolean {
  return findLibrary() !== undefined && COPY_PROGRAMS.every((name) => findProgram([name]) !== undefined);
}

function findLibrary(): string | undefined {
  return LIBRARIES.find((file) => existsSync(file));
}

/** @param args further options of every node */
export async function startGalera(args: readonly string[] = []): Promise<PrivateGalera> {
  const library = findLibrary();
  if (library === undefined || !hasGalera())
    throw new Error("Galera needs Debian's packages galera-4, mariadb-server, mariadb-backup and socat");
  const addresses = await Promise.all(Array.from({ length: NODES }, newAddress));
  const nodes: PrivateMariaDb[] = [];
  let isFormed = false;
  const argsOf = (index: number) => (files: ServerFiles) => {
    const ofNode = nodeArgs(library, addresses, index);
    const start = isFormed ? [] : ["--wsrep-new-cluster"];
    return [...ofNode, ...start, `--wsrep-start-position=${recoverPosition(ofNode, files)}`, ...args];
  };
  const synced = async (): Promise<void> => {
    for (const node of nodes) await untilSynced(node.url, nodes.length);
  };
  try {
    nodes.push(await startMariaDb({ args: argsOf(0) }));
    isFormed = true;
    while (nodes.length < NODES) nodes.push(await startMariaDb({ args: argsOf(nodes.length) }));
    await synced();
    return { nodes, synced, stop: () => stopAll(nodes) };
  } catch (error) {
    await stopAll(nodes);
    throw error;
  }
}

async function stopAll(nodes: readonly PrivateMariaDb[]): Promise<void> {
  for (const node of nodes.toReversed()) await node.stop();
}

type Address = { group: number; missed: number; all: number };

async function newAddress(): Promise<Address> {
  return { group: await freePort(), missed: await freePort(), all: await freePort() };
}

function nodeArgs(library: string, addresses: readonly Address[], index: number): string[] {
  const own = addresses[index];
  if (!own) throw new Error(`there is no node ${index}`);
  const options = [
    `gmcast.listen_addr=tcp://127.0.0.1:${own.group}`,
    `ist.recv_addr=127.0.0.1:${own.missed}`,
    // What a node of a test misses while it is away.
    "gcache.size=256M",
    // The defaults are for networks: a dead node is noticed after 5 s.
    "evs.keepalive_period=PT0.5S",
    "evs.suspect_timeout=PT2S",
    "evs.inactive_timeout=PT5S",
  ];
  return [
    "--wsrep-on=ON",
    `--wsrep-provider=${library}`,
    "--wsrep-cluster-name=somopay-test",
    `--wsrep-cluster-address=gcomm://${addresses.map(({ group }) => `127.0.0.1:${group}`).join(",")}`,
    `--wsrep-node-name=node-${index + 1}`,
    `--wsrep-node-address=127.0.0.1:${own.group}`,
    `--wsrep-sst-receive-address=127.0.0.1:${own.all}`,
    `--wsrep-provider-options=${options.join(";")}`,
    "--wsrep-sst-method=mariabackup",
    "--wsrep-sst-auth=somopay:somopay",
    "--binlog-format=ROW",
    "--innodb-autoinc-lock-mode=2",
  ];
}

/** What `galera_recovery` does before systemd starts a server that was killed: asks InnoDB for the last transaction that it has. */
function recoverPosition(ofNode: readonly string[], { program, dataDir }: ServerFiles): string {
  const quiet = ["--skip-networking", `--socket=${join(dirname(dataDir), "recover.sock")}`];
  const args = ["--no-defaults", ...asRoot, `--datadir=${dataDir}`, ...quiet, ...ofNode, "--wsrep-recover"];
  const { stderr } = spawnSync(program, args, { encoding: "utf8" });
  const position = /Recovered position:\s*(\S+:-?\d+)/.exec(stderr)?.[1];
  if (position === undefined) throw new Error(`no position was recovered:\n${stderr.slice(-2_000)}`);
  return position;
}

async function untilSynced(url: string, size: number): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const found = await stateOf(url).catch(() => null);
    if (found?.state === "Synced" && found.size === size) return;
    if (performance.now() > giveUpAtMs) throw new Error(`a node did not join: ${JSON.stringify(found)}`);
    await pause(LOOK_EVERY_MS);
  }
}

async function stateOf(url: string): Promise<{ state: string; size: number }> {
  const value = await statusOf(url);
  return { state: value("wsrep_local_state_comment"), size: Number(value("wsrep_cluster_size")) };
}

async function statusOf(url: string): Promise<(name: string) => string> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query<RowDataPacket[]>("SHOW STATUS LIKE 'wsrep\\_%'");
    return (name) => String(rows.find((row) => row["Variable_name"] === name)?.["Value"]);
  } finally {
    await connection.end();
  }
}
