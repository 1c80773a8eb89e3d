import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createConnection } from "mysql2/promise";
import { Redis } from "ioredis";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { createTestDatabase } from "./databases.ts";
import { startMariaDb } from "./mariadb.ts";
import { startRedis } from "./redis.ts";
import { isAlive } from "./is-alive.ts";
import { takesConnections } from "./server-process.ts";

async function query(url: string, sql: string): Promise<unknown> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query(sql);
    return rows;
  } finally {
    await connection.end();
  }
}

describe("the run's own servers", () => {
  test("each test file gets its own database", async () => {
    const database = await createTestDatabase(inject("mariadbUrl"));
    onTestFinished(() => database.drop());
    await query(database.url, "create table marks (word varchar(20))");
    await query(database.url, "insert into marks values ('ñandú ✓')");
    expect(await query(database.url, "select word from marks")).toEqual([{ word: "ñandú ✓" }]);
  });

  test("Redis answers", async () => {
    const redis = new Redis(inject("redisUrl"));
    onTestFinished(() => redis.disconnect());
    expect(await redis.ping()).toBe("PONG");
  });
});

describe("a server that a test may kill", () => {
  test("MariaDB keeps committed data through kill -9, on the same URL", async () => {
    const mariaDb = await startMariaDb();
    onTestFinished(() => mariaDb.stop());
    const url = await mariaDb.createDatabase("ledger");
    await query(url, "create table kept (id int primary key)");
    await query(url, "insert into kept values (7)");
    const firstPid = mariaDb.pid;
    await mariaDb.kill9();
    expect(isAlive(firstPid)).toBe(false);
    await expect(query(url, "select 1")).rejects.toThrow(/ECONNREFUSED/);
    await mariaDb.restart();
    expect(await query(url, "select id from kept")).toEqual([{ id: 7 }]);
    expect(mariaDb.pid).not.toBe(firstPid);
  });

  test("Redis comes back empty on the same URL", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const redis = new Redis(server.url, { retryStrategy: () => 20 });
    redis.on("error", () => {});
    onTestFinished(() => redis.disconnect());
    await redis.set("key", "value");
    await server.kill9();
    await server.restart();
    expect(await redis.get("key")).toBeNull();
  });

  test("leaves neither process nor files behind when it is stopped", async () => {
    const mariaDb = await startMariaDb();
    await mariaDb.stop();
    expect(isAlive(mariaDb.pid)).toBe(false);
    expect(existsSync(mariaDb.dataDir)).toBe(false);
  });

  test("leaves nothing behind when the process that started it is killed", async () => {
    const starter = spawn(process.execPath, ["--input-type=module", "-e", starterScript], { stdio: ["ignore", "pipe", "inherit"] });
    const printed: unknown[] = await once(starter.stdout, "data");
    const { port, dataDir } = parseStarted(String(printed[0]));
    expect(await takesConnections(port)).toBe(true);
    starter.kill("SIGKILL");
    await expect.poll(async () => existsSync(dataDir) || (await takesConnections(port)), { timeout: 5_000 }).toBe(false);
  });
});

const starterScript = `
  const { startRedis } = await import(${JSON.stringify(new URL("./redis.ts", import.meta.url).href)});
  const redis = await startRedis();
  console.log(redis.port + " " + redis.dataDir);
`;

function parseStarted(line: string): { port: number; dataDir: string } {
  const [port, dataDir] = line.trim().split(" ");
  if (port === undefined || dataDir === undefined) throw new Error(`not a port and a folder: ${line}`);
  return { port: Number(port), dataDir };
}
