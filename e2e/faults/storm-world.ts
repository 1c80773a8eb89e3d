/** Everything in a storm: two copies of the service, their servers, the connections between them, and Safaricom. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { z } from "zod";
import { sandboxAccount } from "../daraja-simulator/accounts.ts";
import { startDarajaSimulator, type DarajaSimulator } from "../daraja-simulator/server.ts";
import { sessionTypes } from "./payer-plan.ts";
import { createOwnerClient } from "./owner-client.ts";
import { createServiceCopy, serviceEnvironment, type Environment, type ServiceCopy } from "./service-copy.ts";
import { startStormDatabase, startStormRedis, type ServerKinds, type StormDatabase, type StormRedis } from "./storm-servers.ts";
import { startStormReceiver, type StormReceiver } from "./storm-webhooks.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export interface StormWorld {
  readonly simulator: DarajaSimulator;
  readonly copies: readonly [ServiceCopy, ServiceCopy];
  readonly database: StormDatabase;
  readonly redis: StormRedis;
  /** The owner's server, which is told by webhooks. */
  readonly receiver: StormReceiver;
  /** The load balancer in front of both copies, which Safaricom calls. */
  readonly callbackWire: TcpProxy;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** The two M-Pesa accounts of the site: which paybill it uses, and how it moves to the other one. */
  readonly accounts: { paybill(): string; change(): Promise<void> };
  /** Runs `somopay money assign` for money from the statement. */
  enterMoney(receipt: string, reference: string): Promise<void>;
  stop(): Promise<void>;
}

export const SITE_ORIGIN = "https://amani.example";

/** Safaricom's times, shortened, because a storm cannot wait a minute for each prompt. */
const timings = { noAnswerAfterMs: 1_500, lockMs: 2_500, promptLifeMs: 20_000, callbackTimeoutMs: 6_000, holdReplyMs: 4_000 };

/** Starts everything on free ports of 127.0.0.1. If a part does not start, the others are stopped. */
export async function startStormWorld(seed: number, kinds: ServerKinds): Promise<StormWorld> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  const begun = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    stops.push(() => part.stop());
    return part;
  };
  try {
    const database = begun(await startStormDatabase(kinds.database));
    const redis = begun(await startStormRedis(kinds.redis));
    const receiver = begun(await startStormReceiver(seed));
    const simulator = begun(await startDarajaSimulator({ seed, timings, faults: { queryRateLimited: false } }));
    const folder = await mkdtemp(join(tmpdir(), "somopay-storm-"));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const certificateFile = join(folder, "certificate.pem");
    await writeFile(certificateFile, simulator.control.certificate);
    const ports: number[] = [];
    const callbackWire = begun(await startTcpProxy({ targets: ports }));
    const environment = {
      ...serviceEnvironment(simulator.url),
      ...initiatorEnvironment(certificateFile),
      SECRETS_KEY: randomBytes(32).toString("hex"),
      WEBHOOK_ALLOW_HOSTS: receiver.host,
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      PUBLIC_URL: `http://127.0.0.1:${callbackWire.port}`,
    };
    const atPeace = { ...environment, DATABASE_URL: database.urlWithoutFaults };
    const { publishableKey, secretKey } = await addSite(atPeace);
    const accounts = await openSecondAccount(simulator, atPeace);
    letEverythingThrough(simulator);
    const newCopy = async () => begun(await createServiceCopy({ environment }));
    const copies = [await newCopy(), await newCopy()] as const;
    ports.push(...copies.map(({ port }) => port));
    await Promise.all(copies.map((copy) => copy.start()));
    await receiver.register(createOwnerClient(() => copies[0].url, secretKey));
    return {
      simulator,
      copies,
      database,
      redis,
      receiver,
      callbackWire,
      publishableKey,
      secretKey,
      accounts,
      async enterMoney(receipt, reference) {
        const entry = simulator.ledger.find((movement) => movement.receipt === receipt);
        if (!entry) throw new Error(`the statement has no ${receipt}`);
        const found = [
          "--amount",
          String(entry.amountKes),
          "--paybill",
          entry.shortcode,
          "--reason",
          "on the statement",
          "--by",
          "the owner",
        ];
        await somopay(["money", "assign", receipt, reference, ...found], atPeace);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The initiator, for status queries and reversals. */
function initiatorEnvironment(certificateFile: string): Environment {
  const { name, password } = sandboxAccount.initiator;
  return { MPESA_INITIATOR_NAME: name, MPESA_INITIATOR_PASSWORD: password, MPESA_CERTIFICATE: certificateFile };
}

/** Safaricom validates payments only for businesses that requested it. Without validation, wrong amounts and accounts go through. */
function letEverythingThrough({ url, control }: DarajaSimulator): void {
  if (control.c2bUrls.length !== 2) throw new Error("somopay c2b register has not registered both accounts");
  for (const urls of control.c2bUrls) control.registerC2bUrls({ ...urls, validationUrl: `${url}/nobody-is-asked` });
}

const siteKeysSchema = z.object({ publishableKey: z.string(), secretKey: z.string(), webhookSecret: z.string().optional() });
export type SiteKeys = z.infer<typeof siteKeysSchema>;

/**
 * Runs `somopay site add`.
 * @param more members of the site file
 * @returns the new site's keys
 */
export async function addSite(environment: Environment, more: object = {}): Promise<SiteKeys> {
  return siteKeysSchema.parse(JSON.parse(await somopay(["site", "add", "-"], environment, siteFile(more))));
}

/** @param more members of the site file */
function siteFile(more: object = {}): string {
  return JSON.stringify({ name: "Amani Tutors", allowedOrigins: [SITE_ORIGIN], sessionTypes, ...more });
}

const secondAccount = {
  consumerKey: "second-key",
  consumerSecret: "second-not-a-real-secret",
  shortcode: "600111",
  passkey: "second-passkey",
};

/** The site's other M-Pesa account: both have their addresses registered before the storm. */
async function openSecondAccount({ control }: DarajaSimulator, environment: Environment): Promise<StormWorld["accounts"]> {
  control.addAccount({ ...secondAccount, initiator: sandboxAccount.initiator, businessName: "AMANI TUTORS" });
  const { initiator } = sandboxAccount;
  const mpesa = { ...secondAccount, initiator: { ...initiator, certificate: control.certificate } };
  const use = async (account: object | null): Promise<void> =>
    void (await somopay(["site", "add", "-"], environment, siteFile({ mpesa: account })));
  await use(mpesa);
  await somopay(["c2b", "register"], environment);
  await use(null);
  let paybill = sandboxAccount.shortcode;
  return {
    paybill: () => paybill,
    async change() {
      const isFirst = paybill === sandboxAccount.shortcode;
      await use(isFirst ? mpesa : null);
      paybill = isFirst ? secondAccount.shortcode : sandboxAccount.shortcode;
    },
  };
}

/** Runs an operator's command to its end. @returns its standard output */
async function somopay(args: readonly string[], environment: Environment, input = ""): Promise<string> {
  const program = join(import.meta.dirname, "../../service/bin/somopay.mjs");
  const child = spawn(process.execPath, [program, ...args], { cwd: "/", env: environment, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(input);
  const printed = text(child.stdout);
  await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`somopay ${args.join(" ")} ended with ${child.exitCode}: ${await printed}`);
  return printed;
}
