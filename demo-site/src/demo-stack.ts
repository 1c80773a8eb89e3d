import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sandboxAccount } from "../../e2e/daraja-simulator/accounts.ts";
import { startDarajaSimulator } from "../../e2e/daraja-simulator/server.ts";
import { lifelikeTimings } from "../../e2e/daraja-simulator/timings.ts";
import { loadConfig, type Config } from "../../service/src/config.ts";
import { registerC2b } from "../../service/src/cli/money-commands.ts";
import { startService } from "../../service/src/main.ts";
import { createLogger } from "../../service/src/platform/logger.ts";
import { fillMonth } from "./demo-month.ts";
import { startDemoSite } from "./demo-site.ts";
import { siteFile } from "./lessons.ts";
import { choosePort, portError } from "./listen.ts";
import { shortLogLine } from "./short-log.ts";
import { WEBHOOK_PATH } from "./webhook-router.ts";

export type DemoStackOptions = {
  /** 0 takes any free port. */
  ports: { demo: number; service: number; simulator: number };
  dataDir: string;
  /** The service's LOG_LEVEL, for its full log. By default, only short warnings once it runs. */
  logLevel?: string | undefined;
};

export type DemoStack = {
  siteUrl: string;
  serviceUrl: string;
  phoneUrl: string;
  /** Stops all three. */
  stop(): Promise<void>;
};

/** Whom the dashboard signs in by one click. */
const OWNER = { email: "owner@amani.example", name: "Njeri Wairimu" };

/** Only this machine may connect, because the simulator's control API has no password. */
const HOST = "127.0.0.1";
/** No low limit per phone: people who try the demo use one phone again and again. */
const LIMIT_PHONE = "20/600";

/**
 * Simulated Safaricom, the service and the tutoring site in one process.
 * @throws StartError, PortTakenError, ConfigError, after stopping what was already started
 */
export async function startDemoStack({ ports, dataDir, logLevel }: DemoStackOptions): Promise<DemoStack> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    // In reverse order: callers stop before what they call.
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  try {
    await mkdir(dataDir, { recursive: true });
    const simulatorPort = ports.simulator;
    const simulator = await startDarajaSimulator({ port: simulatorPort, timings: lifelikeTimings }).catch((error: unknown) => {
      throw portError(error, simulatorPort, "SIMULATOR_PORT");
    });
    stops.push(() => simulator.stop());

    const servicePort = await choosePort(ports.service, HOST);
    const demoPort = await choosePort(ports.demo, HOST);
    const serviceUrl = `http://localhost:${servicePort}`;
    const siteUrl = `http://localhost:${demoPort}`;
    const certificateFile = join(dataDir, "simulator-certificate.pem");
    await writeFile(certificateFile, simulator.control.certificate);
    const secretsKey = await keepSecret(join(dataDir, "secrets-key"), () => randomBytes(32).toString("hex"));
    const webhookHost = new URL(siteUrl).host;
    const settings = { servicePort, serviceUrl, dataDir, logLevel, simulatorUrl: simulator.url, certificateFile, secretsKey, webhookHost };
    const config = serviceConfig(settings);
    const logger =
      logLevel === undefined ? createLogger("warn", (line) => process.stderr.write(shortLogLine(line))) : createLogger(config.logLevel);
    // What is warned of at the start is intended here: there is no REDIS_URL, and the tutoring site does not take webhooks yet.
    if (logLevel === undefined) logger.level = "error";
    const demoOwner = { ...OWNER, publishableKey: siteFile.publishableKey ?? "" };
    const running = await startService(config, { logger, host: HOST, demoOwner }).catch((error: unknown) => {
      throw portError(error, servicePort, "PORT");
    });
    stops.push(() => running.stop());

    const secretKey = await keepSecret(join(dataDir, "amani-secret-key"), () => `sk_demo_${randomBytes(24).toString("hex")}`);
    const allowedOrigins = [siteUrl, `http://127.0.0.1:${demoPort}`];
    const webhookUrl = `${siteUrl}${WEBHOOK_PATH}`;
    const added = await running.service.siteStore.add({ ...siteFile, allowedOrigins, secretKey, webhookUrl });
    const { publishableKey } = added;
    const webhookSecret = await keepWebhookSecret(join(dataDir, "amani-webhook-secret"), added.webhookSecret);
    await fillMonth(running.service.database, added.siteId, Date.now());
    // The simulator forgets the C2B addresses at each start. "Pay another way" needs them.
    await registerC2b(config, running.service.database, running.service.siteStore, () => undefined);
    const phoneUrl = simulator.phonePageUrl;
    const keys = { publishableKey, secretKey, webhookSecret };
    const site = await startDemoSite({ port: demoPort, host: HOST, serviceUrl, ...keys, phoneUrl, dataDir });
    stops.push(() => site.stop());
    logger.level = config.logLevel;
    return { siteUrl, serviceUrl, phoneUrl, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

type ServiceSettings = {
  servicePort: number;
  serviceUrl: string;
  dataDir: string;
  logLevel: string | undefined;
  simulatorUrl: string;
  certificateFile: string;
  secretsKey: string;
  /** The tutoring site's own: http, and not a public address. */
  webhookHost: string;
};

function serviceConfig(settings: ServiceSettings): Config {
  const { servicePort, serviceUrl, dataDir, logLevel, simulatorUrl, certificateFile, secretsKey, webhookHost } = settings;
  return loadConfig({
    PORT: String(servicePort),
    PUBLIC_URL: serviceUrl,
    DATABASE_URL: `sqlite:${join(dataDir, "somopay.sqlite")}`,
    DATA_DIR: dataDir,
    SECRETS_KEY: secretsKey,
    WEBHOOK_ALLOW_HOSTS: webhookHost,
    MPESA_BASE_URL: simulatorUrl,
    MPESA_CONSUMER_KEY: sandboxAccount.consumerKey,
    MPESA_CONSUMER_SECRET: sandboxAccount.consumerSecret,
    MPESA_SHORTCODE: sandboxAccount.shortcode,
    MPESA_PASSKEY: sandboxAccount.passkey,
    MPESA_INITIATOR_NAME: sandboxAccount.initiator.name,
    MPESA_INITIATOR_PASSWORD: sandboxAccount.initiator.password,
    MPESA_CERTIFICATE: certificateFile,
    MPESA_QUERIES_PER_MINUTE: "5",
    LIMIT_PHONE,
    // As long as the site keeps an unpaid lesson's time.
    BOOKING_LIFE_HOURS: "24",
    LOG_LEVEL: logLevel ?? "warn",
  });
}

/** Created once and stored: the service keeps only a key's hash, and what it has sealed can be read only with the key that sealed it. */
async function keepSecret(file: string, make: () => string): Promise<string> {
  const kept = await readSecret(file);
  if (kept !== null) return kept;
  const made = make();
  await writeSecret(file, made);
  return made;
}

/** The service tells an endpoint's secret once. null: it was told, and is lost; the site then learns of payments by asking. */
async function keepWebhookSecret(file: string, told: string | undefined): Promise<string | null> {
  if (told === undefined) return readSecret(file);
  await writeSecret(file, told);
  return told;
}

async function readSecret(file: string): Promise<string | null> {
  try {
    const kept = (await readFile(file, "utf8")).trim();
    return kept === "" ? null : kept;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function writeSecret(file: string, secret: string): Promise<void> {
  return writeFile(file, `${secret}\n`, { mode: 0o600 });
}
