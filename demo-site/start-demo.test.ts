import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const program = join(import.meta.dirname, "start-demo.ts");
/** A cold start, while two other test files use the same two cores. */
const START_TIMEOUT_MS = 30_000;
const STOP_GOAL_MS = 3_000;

type Demo = { child: ChildProcess; output: () => string; siteUrl: string; serviceUrl: string; simulatorUrl: string };

let dataDir: string;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "somopay-demo-"));
});
afterEach(async () => {
  await Promise.all([...children].map((child) => end(child, "SIGKILL")));
  await rm(dataDir, { recursive: true, force: true });
});

function run(environment: Record<string, string> = {}): { child: ChildProcess; output: () => string } {
  const env = { ...process.env, PORT: "0", DEMO_PORT: "0", SIMULATOR_PORT: "0", DEMO_DATA_DIR: dataDir, LOG_LEVEL: "", ...environment };
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  let text = "";
  child.stdout.on("data", (part: Buffer) => (text += part.toString()));
  child.stderr.on("data", (part: Buffer) => (text += part.toString()));
  return { child, output: () => text };
}

/** Waits until the addresses are printed. */
async function started(environment: Record<string, string> = {}): Promise<Demo> {
  const { child, output } = run(environment);
  const seen = new Promise<void>((resolve, reject) => {
    const look = (): void => void (output().includes("Press Ctrl-C to stop.") && resolve());
    child.stdout?.on("data", look);
    child.once("exit", () => reject(new Error(`the demo ended: ${output()}`)));
  });
  await seen;
  const address = (label: string): string => new RegExp(`${label}\\s+(http://[^\\s/]+)`).exec(output())?.[1] ?? "";
  return { child, output, siteUrl: address("Tutoring site"), serviceUrl: address("Service"), simulatorUrl: address("Phone") };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }> {
  const beganAtMs = Date.now();
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
  children.delete(child);
  return { code: child.exitCode, tookMs: Date.now() - beganAtMs };
}

async function book(siteUrl: string): Promise<string> {
  const page = await (await fetch(`${siteUrl}/book/maths-1h`)).text();
  const formId = /name="formId" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const slot = /value="(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})"/.exec(page)?.[1] ?? "";
  const body = new URLSearchParams({ formId, slot, parentName: "Wanjiru Kamau", childName: "Amani", email: "wanjiru@example.com" });
  const answer = await fetch(`${siteUrl}/book/maths-1h`, { method: "POST", body, redirect: "manual" });
  expect(answer.status).toBe(303);
  return (answer.headers.get("Location") ?? "").replace("/pay/", "");
}

/** Pays as a parent does, and follows the live status until it says paid. */
async function pay({ siteUrl, serviceUrl, simulatorUrl }: Demo, bookingId: string): Promise<string> {
  const phone = "254708374149";
  const control = `${simulatorUrl}/control`;
  const rule = { rule: { action: "pay" } };
  await fetch(`${control}/phones/${phone}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(rule),
  });
  const headers = { Origin: siteUrl, "Content-Type": "application/json" };
  const body = JSON.stringify({ bookingId, phone });
  const asked = await fetch(`${serviceUrl}/api/pay/mpesa`, { method: "POST", headers, body });
  expect(asked.status).toBe(200);
  const stream = await fetch(`${serviceUrl}/api/payment-status/${bookingId}`, { headers: { Origin: siteUrl } });
  // The stream ends by itself after "paid".
  const receipt = /"receipt":"(\w+)"/.exec(await stream.text())?.[1];
  return receipt ?? "no receipt";
}

describe("npm start", { timeout: 2 * START_TIMEOUT_MS }, () => {
  it("books, takes a payment, shows it, stops on Ctrl-C, and still has it after a restart", async () => {
    const demo = await started();
    const bookingId = await book(demo.siteUrl);
    const receipt = await pay(demo, bookingId);
    expect(receipt).toMatch(/^[A-Z0-9]{10}$/);
    expect(await (await fetch(`${demo.siteUrl}/booked`)).text()).toContain(receipt);

    // An open page must not prevent the stop.
    const open = await fetch(`${demo.serviceUrl}/api/payment-status/${await book(demo.siteUrl)}`, { headers: { Origin: demo.siteUrl } });
    const { code, tookMs } = await end(demo.child, "SIGINT");
    await open.body?.cancel().catch(() => undefined);
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(STOP_GOAL_MS);

    const again = await started();
    const page = await (await fetch(`${again.siteUrl}/booked`)).text();
    expect(page).toContain(receipt);
    expect(page).toContain("Waiting for payment");
    expect(again.output()).not.toContain("warn");
    expect((await end(again.child, "SIGTERM")).code).toBe(0);
  });

  it.each(["PORT", "DEMO_PORT", "SIMULATOR_PORT"])("names a taken port and %s, and exits", async (variable) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { child, output } = run({ [variable]: String(port) });
    const [code] = (await once(child, "exit")) as [number | null];
    children.delete(child);
    other.close();
    expect(output()).toBe(`Port ${port} is taken. Stop what uses it, or set ${variable} to another port.\n`);
    expect(code).toBe(1);
  });

  it("reports an invalid port in one sentence", async () => {
    const { child, output } = run({ DEMO_PORT: "eighty" });
    expect(await once(child, "exit")).toEqual([1, null]);
    children.delete(child);
    expect(output()).toBe('DEMO_PORT is "eighty": it must be a port number, 0 to 65535.\n');
  });

  it("does not print its secret key", async () => {
    const demo = await started();
    expect(await readdir(dataDir)).toContain("amani-secret-key");
    for (const path of ["/", "/browser-only", `/pay/${await book(demo.siteUrl)}`]) {
      expect(await (await fetch(demo.siteUrl + path)).text()).not.toContain("sk_demo");
    }
    await end(demo.child, "SIGTERM");
  });
});
