/**
 * `npm run speed`: measures how long a parent on a slow phone waits for the price, with Chromium's throttling. Prints a table and asserts nothing,
 * because the figures depend on the machine too.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright";
import { z } from "zod";
import { loadConfig } from "../../service/src/config.ts";
import { bookingViewSchema } from "../../service/src/contract.ts";
import { startService } from "../../service/src/main.ts";
import { createLogger } from "../../service/src/platform/logger.ts";
import { launchChromium } from "../browsers.ts";
import { startDarajaSimulator } from "../daraja-simulator/server.ts";
import { startHostPage } from "../pages/host-page.ts";
import { freePort } from "../servers/free-port.ts";
import { accountEnvironment } from "../factories/service-environment.ts";

const RUNS = 7;
/** Chromium adds the latency to each request's first byte. It does not simulate DNS, TCP or TLS, which cost every script the same. */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const CPU_SLOWDOWN = 4;
const SECRET_KEY = "sk_speed_not_a_real_secret";
const PRICE = "1,500";

/** Milliseconds from the visit's start. */
const visitSchema = z.object({ scriptAtMs: z.number(), scriptBytes: z.number(), priceAtMs: z.number(), requests: z.array(z.string()) });
type Visit = z.infer<typeof visitSchema>;

/** Runs in the page before all other scripts, and records the first frame with the price. */
const watchForPrice = `(() => {
  const look = () => {
    const text = document.querySelector("somo-pay")?.shadowRoot?.textContent ?? "";
    if (text.includes(${JSON.stringify(PRICE)})) globalThis.priceAtMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;

const readVisit = `(() => {
  const entries = performance.getEntriesByType("resource");
  const script = entries.find(({ name }) => name.endsWith("/widget.js"));
  return {
    scriptAtMs: script.responseEnd,
    scriptBytes: script.encodedBodySize,
    priceAtMs,
    requests: entries.filter(({ startTime, name }) => startTime < priceAtMs && !name.endsWith("/favicon.ico")).map(({ name }) => new URL(name).pathname),
  };
})()`;

async function visit(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", SLOW_3G);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await page.addInitScript(watchForPrice);
  await page.goto(url);
  await page.waitForFunction("globalThis.priceAtMs !== undefined");
  const seen = visitSchema.parse(await page.evaluate(readVisit));
  await page.close();
  return seen;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function row(name: string, visits: readonly Visit[]): string {
  const seconds = (pick: (one: Visit) => number): string => (median(visits.map(pick)) / 1_000).toFixed(2);
  const cells = [
    name,
    `${seconds(({ scriptAtMs }) => scriptAtMs)} s`,
    `${seconds(({ priceAtMs, scriptAtMs }) => priceAtMs - scriptAtMs)} s`,
    `${seconds(({ priceAtMs }) => priceAtMs)} s`,
    `${median(visits.map(({ requests }) => requests.length))}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

async function measure(browser: Browser, urlOf: () => Promise<string>): Promise<void> {
  const first: Visit[] = [];
  const again: Visit[] = [];
  for (let run = 0; run < RUNS; run++) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    first.push(await visit(context, await urlOf()));
    // Another booking in the same browser, which has the script in its cache.
    again.push(await visit(context, await urlOf()));
    await context.close();
  }
  console.log(
    `Slow 3G (400 ms, 400 kbit/s), CPU ${CPU_SLOWDOWN} times slower, medians of ${RUNS} visits; the page itself is one small file.\n`,
  );
  console.log("| visit | script is there | then until the price | price after | requests before it |");
  console.log("| --- | --- | --- | --- | --- |");
  console.log(`${row("first", first)}\n${row("again", again)}`);
  console.log(`\nScript: ${first[0]?.scriptBytes} bytes on the wire. Requests of a first visit: ${first[0]?.requests.join(", ")}.`);
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "somopay-speed-"));
  const simulator = await startDarajaSimulator();
  const host = await startHostPage();
  const port = await freePort();
  const serviceUrl = `http://localhost:${port}`;
  const config = loadConfig({
    PORT: String(port),
    PUBLIC_URL: serviceUrl,
    DATABASE_URL: `sqlite:${join(dataDir, "speed.sqlite")}`,
    DATA_DIR: dataDir,
    ...accountEnvironment(simulator.url),
  });
  const service = await startService(config, { logger: createLogger("error") });
  await service.service.siteStore.add({
    name: "Speed",
    allowedOrigins: [host.origin],
    sessionTypes: [{ code: "maths-1h", name: "Maths, one hour", amount: 1_500, durationMinutes: 60 }],
    secretKey: SECRET_KEY,
  });
  const browser = await launchChromium();
  try {
    await measure(browser, async () => host.url(serviceUrl, await book(serviceUrl), {}));
  } finally {
    await browser.close();
    await service.stop();
    await simulator.stop();
    host.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function book(serviceUrl: string): Promise<string> {
  const answer = await fetch(`${serviceUrl}/api/bookings`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SECRET_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({
      sessionType: "maths-1h",
      date: "2036-12-09",
      time: "10:00",
      parentName: "Wanjiru Kamau",
      childName: "Amani Kamau",
      email: "wanjiru@example.com",
    }),
  });
  return bookingViewSchema.parse(await answer.json()).bookingId;
}

await main();
