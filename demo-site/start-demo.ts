/**
 * `npm start`: the tutoring site, the service and a simulated Safaricom with a phone to pay with, in one process, without configuration.
 * PORT, DEMO_PORT and SIMULATOR_PORT change the ports, DEMO_DATA_DIR the data folder, LOG_LEVEL the service's log.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigError } from "../service/src/config.ts";
import { PortTakenError } from "../service/src/main.ts";
import { startDemoStack, type DemoStack } from "./src/demo-stack.ts";
import { portFrom, StartError } from "./src/listen.ts";
import { DEFAULT_PHONE } from "./src/pages/phone-panel.ts";
import { localPhone } from "./src/pages/page-context.ts";
import { runUntilTold } from "./src/run-until-told.ts";

const root = resolve(import.meta.dirname, "..");

async function start(): Promise<DemoStack> {
  const { env } = process;
  const ports = {
    demo: portFrom(env, "DEMO_PORT", 8080),
    service: portFrom(env, "PORT", 3000),
    simulator: portFrom(env, "SIMULATOR_PORT", 4010),
  };
  const dataDir = resolve(root, env["DEMO_DATA_DIR"] || join("data", "demo"));
  const stack = await startDemoStack({ ports, dataDir, logLevel: env["LOG_LEVEL"] || undefined });
  console.log(greeting(stack));
  if (!existsSync(join(root, "widget", "dist", "somo-pay.js")))
    console.warn("The widget is not built yet: run `npm run setup`, then start again.\n");
  return stack;
}

function greeting({ siteUrl, serviceUrl, phoneUrl }: DemoStack): string {
  return `
  Tutoring site   ${siteUrl}
  Phone           ${phoneUrl}/${DEFAULT_PHONE}
  Dashboard       ${serviceUrl}/dashboard
  Service         ${serviceUrl}   (HTTP API: ${serviceUrl}/docs)

  Book a lesson, type ${localPhone(DEFAULT_PHONE)}, and enter PIN 1234 on the phone. Press Ctrl-C to stop.
`;
}

const isForPeople = (error: unknown) => error instanceof StartError || error instanceof PortTakenError || error instanceof ConfigError;

await runUntilTold(start, isForPeople);
