import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buildService, type BuildOptions, type Service } from "./build-service.ts";
import type { Config } from "./config.ts";
import { isDatabaseUp } from "./platform/health.ts";
import { createLogger, type Logger } from "./platform/logger.ts";
import { migrate } from "./platform/migrate.ts";

export type RunningService = {
  /** Where it listens on this machine. */
  url: string;
  service: Service;
  /** Finishes what is under way and closes everything. */
  stop(): Promise<void>;
};

/** Requests get this long to finish; the longest is a push of 9 s. */
const STOP_TIMEOUT_MS = 12_000;
/** How much longer a stop may take unnoticed. */
const IDLE_SWEEP_MS = 50;
/** How long `serve` waits at its start for the database. */
const DATABASE_WAIT_MS = 60_000;
/** Longer than a load balancer keeps an idle connection: the service must not close one just as a request is sent on it. */
const KEEP_ALIVE_MS = 65_000;

/**
 * How many connections may wait to be accepted, when thousands of pages reconnect at once. With Node's 511, the others are tried again by their
 * browsers' systems after 1, 2, 4, … seconds. Linux allows `net.core.somaxconn`, 4,096 by default.
 */
const BACKLOG = 4_096;

/** The port is in use. */
export class PortTakenError extends Error {
  constructor(port: number, variable: string) {
    super(`Port ${port} is taken. Stop what uses it, or set ${variable} to another port.`);
    this.name = "PortTakenError";
  }
}

export type StartOptions = BuildOptions & {
  logger?: Logger;
  /** Default: every address of the machine. */
  host?: string;
  /** Called just before the first request can come in. */
  beforeListening?: () => void;
};

/** Migrates, listens, and starts the background work. */
export async function startService(config: Config, options: StartOptions = {}): Promise<RunningService> {
  const { logger = createLogger(config.logLevel), host, beforeListening, ...build } = options;
  const service = await buildService(config, logger, build);
  try {
    await waitForDatabase(service, logger);
    const migrated = await migrate(service.database);
    if (migrated.length > 0) logger.info({ migrations: migrated }, "database migrated");
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, service.app);
    beforeListening?.();
    await listen(server, config.port, host);
    service.startBackground();
    const { port } = toAddress(server);
    const facts = {
      port,
      publicUrl: config.publicUrl,
      database: config.database.kind,
      redis: config.redisUrl !== null,
      mpesa: config.mpesa.env,
    };
    logger.info(facts, "SomoPay is listening");
    if (config.redisUrl === null) logger.warn("no REDIS_URL: live updates work within this process only; do not run a second copy");
    return { url: `http://localhost:${port}`, service, stop: once(() => stop(server, service, logger)) };
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** Runs until SIGTERM or Ctrl-C. */
export async function serve(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  // Before it listens, a signal ends the process at once. From then on no request may be cut off.
  const beforeListening = (): void => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => tell());
  };
  const running = await startService(config, { logger, beforeListening });
  await told;
  logger.info("stopping: streams are told to reconnect, requests are finished");
  await running.stop();
  logger.info("stopped");
}

async function waitForDatabase({ database }: Service, logger: Logger): Promise<void> {
  const deadline = Date.now() + DATABASE_WAIT_MS;
  while (!(await isDatabaseUp(database))) {
    if (Date.now() > deadline) throw new Error("The database cannot be reached. Check DATABASE_URL; `somopay doctor` says more.");
    logger.warn("waiting for the database");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "EADDRINUSE" ? new PortTakenError(port, "PORT") : error));
    server.listen({ port, backlog: BACKLOG, ...(host !== undefined && { host }) }, resolve);
  });
}

function toAddress(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return address;
}

async function stop(server: Server, service: Service, logger: Logger): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  service.beginStop();
  // `close` ends the connections that are idle now. Others become idle when their request ends, and would be kept alive.
  const sweeping = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const timer = setTimeout(() => {
    logger.warn("some requests did not finish in time and are cut off; another copy resumes what they began");
    server.closeAllConnections();
  }, STOP_TIMEOUT_MS);
  await closed;
  clearInterval(sweeping);
  clearTimeout(timer);
  await service.close();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= work());
}
