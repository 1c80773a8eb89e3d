/** A SomoPay deployment for a test: simulated Safaricom, real database, and one or more copies of the service. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, inject, onTestFinished } from "vitest";
import type { DemoOwner } from "../service/src/accounts/demo-sign-in.ts";
import { loadConfig } from "../service/src/config.ts";
import { startService, type RunningService } from "../service/src/main.ts";
import { createLogger } from "../service/src/platform/logger.ts";
import { sandboxAccount } from "./daraja-simulator/accounts.ts";
import { startDarajaSimulator, type DarajaSimulator, type DarajaSimulatorOptions } from "./daraja-simulator/server.ts";
import { accountEnvironment, withoutLimits } from "./factories/service-environment.ts";
import { createTestDatabase } from "./servers/databases.ts";
import { freePort } from "./servers/free-port.ts";

export const PUBLISHABLE_KEY = "pk_test_site_1";
export const SECRET_KEY = "sk_test_site_1_not_a_real_secret";
export const SITE_ORIGIN = "https://amani.example";

/** The site, with the prices that the tests use. */
export const siteFile = {
  name: "Amani Tutors",
  allowedOrigins: [SITE_ORIGIN],
  sessionTypes: [
    { code: "maths-1h", name: "Maths, one hour", amount: 1_500, durationMinutes: 60 },
    { code: "reading-30m", name: "Reading, half an hour", amount: 700, durationMinutes: 30 },
  ],
  publishableKey: PUBLISHABLE_KEY,
  secretKey: SECRET_KEY,
};

export type StackOptions = {
  /** `mysql://…`; default: a new SQLite file. */
  databaseUrl?: string;
  redisUrl?: string;
  /** How many copies of the service share the database. Default 1. */
  copies?: number;
  simulator?: DarajaSimulatorOptions;
  /** Whether the account has an initiator, for typed codes and refunds. */
  initiator?: boolean;
  /** Environment variables that override the test's own. */
  environment?: Record<string, string>;
  allowedOrigins?: string[];
  /** As the demo has: signed in by one click. */
  demoOwner?: DemoOwner;
};

export type Stack = {
  simulator: DarajaSimulator;
  /** The first copy. */
  service: RunningService;
  copies: RunningService[];
  /** The log lines of all copies. */
  logLines: string[];
  dataDir: string;
  clock: TestClock;
  /** Starts another copy on the same database and folder. `environment` overrides all other settings. The copy ends with the stack. */
  startCopy(environment?: Record<string, string>): Promise<RunningService>;
};

/** The services' clock: real time plus what a test adds instead of waiting. The simulator has its own clock. */
export type TestClock = { now(): number; advance(ms: number): void };

function testClock(): TestClock {
  // Not the wall clock, which jumps when the machine synchronises it.
  let addedMs = 0;
  return {
    now: () => Math.floor(performance.timeOrigin + performance.now()) + addedMs,
    advance(ms) {
      addedMs += ms;
    },
  };
}

/** Starts everything on free ports. The caller must call `stop`. */
export async function startStack(options: StackOptions = {}): Promise<Stack & { stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "somopay-test-"));
  const simulator = await startDarajaSimulator({ ...options.simulator, faults: { queryRateLimited: false, ...options.simulator?.faults } });
  const logLines: string[] = [];
  const clock = testClock();
  const copies: RunningService[] = [];
  const begin = async (environment: Record<string, string> = {}): Promise<RunningService> => {
    const copyOptions = { ...options, environment: { ...options.environment, ...environment } };
    const copy = await startCopy(copyOptions, simulator, dataDir, logLines, clock);
    copies.push(copy);
    return copy;
  };
  for (let index = 0; index < (options.copies ?? 1); index++) await begin();
  const [service] = copies;
  if (!service) throw new Error("a stack has at least one copy");
  await service.service.siteStore.add({ ...siteFile, allowedOrigins: options.allowedOrigins ?? siteFile.allowedOrigins });
  return {
    simulator,
    service,
    copies,
    logLines,
    dataDir,
    clock,
    startCopy: begin,
    async stop() {
      await Promise.all(copies.map((copy) => copy.stop()));
      await simulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function startCopy(
  options: StackOptions,
  simulator: DarajaSimulator,
  dataDir: string,
  logLines: string[],
  clock: TestClock,
): Promise<RunningService> {
  const port = await freePort();
  const config = loadConfig({
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    DATABASE_URL: options.databaseUrl ?? `sqlite:${join(dataDir, "test.sqlite")}`,
    REDIS_URL: options.redisUrl,
    DATA_DIR: dataDir,
    ...accountEnvironment(simulator.url),
    ...withoutLimits,
    ...(options.initiator === true && (await initiatorIn(dataDir, simulator))),
    ...options.environment,
  });
  const logger = createLogger("debug", (line) => void logLines.push(line));
  return startService(config, { logger, now: clock.now, demoOwner: options.demoOwner ?? null });
}

/** The settings of the simulated account's initiator. */
export async function initiatorIn(folder: string, { control }: Pick<DarajaSimulator, "control">): Promise<Record<string, string>> {
  const file = join(folder, "certificate.pem");
  await writeFile(file, control.certificate);
  const { name, password } = sandboxAccount.initiator;
  return { MPESA_INITIATOR_NAME: name, MPESA_INITIATOR_PASSWORD: password, MPESA_CERTIFICATE: file };
}

/** Starts a stack that ends with the test. */
export async function stackForTest(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack(options);
  onTestFinished(() => stack.stop());
  return stack;
}

/** The two deployments that must behave the same: one process on SQLite, and MariaDB with Redis. */
export const deployments = ["SQLite, in-process", "MariaDB, Redis"] as const;
export type Deployment = (typeof deployments)[number];

type AtEnd = (work: () => Promise<void>) => void;

/** The options for a deployment, with a new database for each call. */
export async function deploymentOptions(
  deployment: Deployment,
  atEnd: AtEnd = onTestFinished,
): Promise<Pick<StackOptions, "databaseUrl" | "redisUrl">> {
  if (deployment === "SQLite, in-process") return {};
  const { url, drop } = await createTestDatabase(inject("mariadbUrl"));
  atEnd(drop);
  return { databaseUrl: url, redisUrl: inject("redisUrl") };
}

/** One stack for all tests of a `describe`, for short cases that leave nothing open: a case that moves the clock moves it for the next ones too. */
export function sharedStack(deployment: Deployment, options: StackOptions = {}): () => Stack {
  let stack: Stack | undefined;
  const ending: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const place = await deploymentOptions(deployment, (work) => void ending.push(work));
    const started = await startStack({ ...place, ...options });
    ending.push(() => started.stop());
    stack = started;
  });
  afterAll(async () => {
    for (const end of ending.reverse()) await end();
  });
  return () => {
    if (!stack) throw new Error("the stack has not started");
    return stack;
  };
}
