import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { startMariaDb, type PrivateMariaDb } from "./mariadb.ts";

const MEMBERS = 3;
const GIVE_UP_AFTER_MS = 120_000;
const LOOK_EVERY_MS = 100;

/** A private MySQL Group Replication of three servers, one of which takes writes. */
export interface PrivateGroupReplication {
  readonly nodes: readonly PrivateMariaDb[];
  /** Resolves once every server takes part. */
  synced(): Promise<void>;
  /** The port of the server that takes writes, or null while there is none. A MySQL Router would lead there. */
  primaryPort(): Promise<number | null>;
  stop(): Promise<void>;
}

/** MySQL 8.4 or later: TEST_MYSQLD, or the `mysqld` that is installed if it is not MariaDB's. */
export function findMysqld(): string | undefined {
  const program = findProgram([process.env["TEST_MYSQLD"] ?? "mysqld"]);
  if (program === undefined) return undefined;
  return execFileSync(program, ["--version"], { encoding: "utf8" }).includes("MariaDB") ? undefined : program;
}

export async function startGroupReplication(): Promise<PrivateGroupReplication> {
  const program = findMysqld();
  if (program === undefined) throw new Error("Group Replication needs MySQL 8.4 or later: set TEST_MYSQLD to its mysqld");
  const groupPorts = await Promise.all(Array.from({ length: MEMBERS }, freePort));
  const groupName = randomUUID();
  const nodes: PrivateMariaDb[] = [];
  const stop = async (): Promise<void> => {
    for (const node of nodes.toReversed()) await node.stop();
  };
  const online = () => membersAsSeenBy(nodes);
  const synced = async (): Promise<void> => until(async () => (await online()).length === nodes.length, "every member to be online");
  try {
    for (const [index, groupPort] of groupPorts.entries()) {
      let starts = 0;
      const node = await startMariaDb({
        program,
        // What each server does for itself must not look like a transaction of the group.
        initFirst: "SET SESSION sql_log_bin = 0;",
        args: () => memberArgs({ index, groupPort, groupPorts, groupName, isMember: starts++ > 0 }),
      });
      nodes.push(node);
      await join(node, index === 0);
      await synced();
    }
    return {
      nodes,
      synced,
      async primaryPort() {
        return (await online()).find(({ role }) => role === "PRIMARY")?.port ?? null;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type MemberFacts = { index: number; groupPort: number; groupPorts: readonly number[]; groupName: string; isMember: boolean };

/** @param facts `isMember`: it has taken part before, so it joins by itself when it starts again */
function memberArgs({ index, groupPort, groupPorts, groupName, isMember }: MemberFacts): string[] {
  const group = {
    "group-name": groupName,
    "local-address": `127.0.0.1:${groupPort}`,
    "group-seeds": groupPorts.map((seed) => `127.0.0.1:${seed}`).join(","),
    "start-on-boot": isMember ? "ON" : "OFF",
    "single-primary-mode": "ON",
    // A new primary takes no writes before it has applied all that the old one committed.
    consistency: "BEFORE_ON_PRIMARY_FAILOVER",
    "member-expel-timeout": "0",
    "ip-allowlist": "127.0.0.1/8",
    "recovery-get-public-key": "ON",
  };
  return [
    `--server-id=${index + 1}`,
    "--report-host=127.0.0.1",
    "--log-bin=binlog",
    "--gtid-mode=ON",
    "--enforce-gtid-consistency=ON",
    "--plugin-load-add=group_replication.so",
    ...Object.entries(group).map(([name, value]) => `--loose-group-replication-${name}=${value}`),
  ];
}

async function join({ url }: PrivateMariaDb, isFirst: boolean): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(
      "CHANGE REPLICATION SOURCE TO SOURCE_USER = 'somopay', SOURCE_PASSWORD = 'somopay' FOR CHANNEL 'group_replication_recovery'",
    );
    if (isFirst) await connection.query("SET GLOBAL group_replication_bootstrap_group = ON");
    await connection.query("START GROUP_REPLICATION");
    if (isFirst) await connection.query("SET GLOBAL group_replication_bootstrap_group = OFF");
  } finally {
    await connection.end();
  }
}

type Member = { port: number; role: string };

/** The members that are online, as the first server says that answers and is one of them. */
async function membersAsSeenBy(nodes: readonly PrivateMariaDb[]): Promise<Member[]> {
  for (const { url } of nodes) {
    const members = await membersOf(url).catch(() => []);
    if (members.some(({ role }) => role === "PRIMARY")) return members;
  }
  return [];
}

async function membersOf(url: string): Promise<Member[]> {
  const connection = await createConnection({ uri: url, connectTimeout: 2_000 });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT member_port AS port, member_role AS role FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'",
    );
    return rows.map((row) => ({ port: Number(row["port"]), role: String(row["role"]) }));
  } finally {
    await connection.end();
  }
}

async function until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
