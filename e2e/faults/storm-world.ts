/** Everything that a storm rages over: two copies of the service, their servers, the wires between, and Safaricom. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { startDarajaSimulator, type DarajaSimulator } from "../daraja-simulator/server.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";
import { startRedis, type PrivateRedis } from "../servers/redis.ts";
import { sessionTypes } from "./payer-plan.ts";
import { createServiceCopy, serviceEnvironment, type ServiceCopy } from "./service-copy.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export interface StormWorld {
  readonly simulator: DarajaSimulator;
  readonly copies: readonly [ServiceCopy, ServiceCopy];
  readonly mariaDb: PrivateMariaDb;
  readonly redis: PrivateRedis;
  readonly databaseWire: TcpProxy;
  readonly redisWire: TcpProxy;
  /** Where Safaricom calls: a load balancer before both copies. */
  readonly callbackWire: TcpProxy;
  /** Past the wire: for whoever looks at the outcome. */
  readonly databaseUrl: string;
  readonly publishableKey: string;
  stop(): Promise<void>;
}

export const SITE_ORIGIN = "https://amani.example";

/** Safaricom's times, shortened: a storm cannot wait a minute for each prompt. */
const timings = { noAnswerAfterMs: 1_500, lockMs: 2_500, promptLifeMs: 20_000, callbackTimeoutMs: 6_000, holdReplyMs: 4_000 };

/** Starts it all on free ports of 127.0.0.1. When a part does not start, those that did are stopped. */
export async function startStormWorld(seed: number): Promise<StormWorld> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  const begun = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    stops.push(() => part.stop());
    return part;
  };
  try {
    const mariaDb = begun(await startMariaDb());
    const redis = begun(await startRedis());
    const simulator = begun(await startDarajaSimulator({ seed, timings, faults: { queryRateLimited: false } }));
    const databaseWire = begun(await startTcpProxy({ targets: [mariaDb.port] }));
    const redisWire = begun(await startTcpProxy({ targets: [redis.port] }));

    const wiredDatabase = new URL(mariaDb.url);
    wiredDatabase.port = String(databaseWire.port);
    const environment = {
      ...serviceEnvironment(simulator.url),
      DATABASE_URL: wiredDatabase.href,
      REDIS_URL: `redis://127.0.0.1:${redisWire.port}`,
    };
    const publishableKey = await addSite({ ...environment, DATABASE_URL: mariaDb.url });
    const ports: number[] = [];
    const callbackWire = begun(await startTcpProxy({ targets: ports }));
    const publicUrl = `http://127.0.0.1:${callbackWire.port}`;
    const newCopy = async () => begun(await createServiceCopy({ environment: { ...environment, PUBLIC_URL: publicUrl } }));
    const copies = [await newCopy(), await newCopy()] as const;
    ports.push(...copies.map(({ port }) => port));
    await Promise.all(copies.map((copy) => copy.start()));
    return { simulator, copies, mariaDb, redis, databaseWire, redisWire, callbackWire, databaseUrl: mariaDb.url, publishableKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `somopay site add`, as an operator runs it; returns the publishable key. */
export async function addSite(environment: Readonly<Record<string, string>>): Promise<string> {
  const site = { name: "Amani Tutors", allowedOrigins: [SITE_ORIGIN], sessionTypes };
  const somopay = join(import.meta.dirname, "../../service/bin/somopay.mjs");
  const child = spawn(process.execPath, [somopay, "site", "add", "-"], { cwd: "/", env: environment, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(site));
  const printed = text(child.stdout);
  await once(child, "exit");
  const keys: unknown = JSON.parse((await printed) || "null");
  if (typeof keys !== "object" || keys === null || !("publishableKey" in keys) || typeof keys.publishableKey !== "string")
    throw new Error("somopay site add printed no keys");
  return keys.publishableKey;
}
