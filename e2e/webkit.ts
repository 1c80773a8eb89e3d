import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Builder, Capabilities, type WebDriver } from "selenium-webdriver";
import { findProgram } from "./servers/find-program.ts";
import { freePort } from "./servers/free-port.ts";
import { virtualDisplay, webKitDriver } from "./servers/programs.ts";
import { type ServerProcess, startServerProcess } from "./servers/server-process.ts";

/** Where distributions install WebKitGTK's MiniBrowser. */
const miniBrowserPatterns = [
  "/usr/lib/*/webkit2gtk-4.1/MiniBrowser",
  "/usr/lib*/webkit2gtk-4.1/MiniBrowser",
  "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
];

const DISPLAY_NUMBER = /^\d+(?=\n)/m;
/** A first start on a busy machine takes seconds. */
const SESSION_TIMEOUT_MS = 30_000;

/** WebKit, the engine of every browser on an iPhone, driven through WebDriver. */
export interface WebKitSession {
  readonly driver: WebDriver;
  /** Closes the browser, its driver and its display. */
  stop(): Promise<void>;
}

interface WebKitPrograms {
  readonly driver: string;
  readonly browser: string;
  readonly display: string;
}

/** Why WebKit cannot be used here, or undefined. */
export function webKitAbsence(): string | undefined {
  const programs = findWebKit();
  return typeof programs === "string" ? programs : undefined;
}

/** Opens WebKit's MiniBrowser on its own display. @throws if it is not installed */
export async function launchWebKit(): Promise<WebKitSession> {
  const programs = findWebKit();
  if (typeof programs === "string") throw new Error(programs);
  const folder = await mkdtemp(join(tmpdir(), "somopay-webkit-"));
  const started: ServerProcess[] = [];
  const stopAll = async () => {
    for (const server of started.toReversed()) await server.stop();
    // WebKit's helper processes may still write their caches for a moment.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const display = await startDisplay(programs.display, folder);
    started.push(display);
    const port = await freePort();
    started.push(await startDriver(programs.driver, port, `:${DISPLAY_NUMBER.exec(display.startLog)?.[0] ?? ""}`, folder));
    const driver = await openBrowser(programs.browser, port);
    return {
      driver,
      async stop() {
        await driver.quit();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

function findWebKit(): WebKitPrograms | string {
  const driver = findProgram(webKitDriver.names);
  const browser = findProgram(miniBrowserPatterns.flatMap((pattern) => globSync(pattern)));
  const display = findProgram(virtualDisplay.names);
  if (driver === undefined || browser === undefined) return "WebKitWebDriver is not installed (Debian: webkit2gtk-driver)";
  if (display === undefined) return "Xvfb is not installed (Debian: xvfb)";
  return { driver, browser, display };
}

function startDisplay(program: string, folder: string): Promise<ServerProcess> {
  return startServerProcess({
    label: "Xvfb",
    program,
    // Xvfb picks a free display number and prints it, after warnings about those in use.
    args: ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-noreset"],
    ready: DISPLAY_NUMBER,
    folder,
  });
}

function startDriver(program: string, port: number, display: string, folder: string): Promise<ServerProcess> {
  return startServerProcess({
    label: "WebKitWebDriver",
    program,
    args: ["--host=127.0.0.1", `--port=${port}`],
    ready: { port },
    folder,
    // Its own home folder, so that no cache, cookies or settings are read or left behind.
    env: {
      DISPLAY: display,
      HOME: folder,
      XDG_CACHE_HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
      XDG_RUNTIME_DIR: folder,
      GDK_BACKEND: "x11",
      NO_AT_BRIDGE: "1",
    },
  });
}

async function openBrowser(binary: string, port: number): Promise<WebDriver> {
  const capabilities = new Capabilities();
  capabilities.setBrowserName("MiniBrowser");
  capabilities.set("webkitgtk:browserOptions", { binary, args: ["--automation"] });
  const session = new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
  // Another program may have taken the port first.
  return await Promise.race([session, tooLate()]);
}

async function tooLate(): Promise<never> {
  await delay(SESSION_TIMEOUT_MS, undefined, { ref: false });
  throw new Error(`WebKit did not open within ${SESSION_TIMEOUT_MS / 1000} s`);
}
