import { existsSync } from "node:fs";
import { chromium, firefox, type Browser } from "playwright";
import { findProgram } from "./servers/find-program.ts";
import * as programs from "./servers/programs.ts";
import { launchWebKit, webKitAbsence, type WebKitSession } from "./webkit.ts";

export { launchWebKit, type WebKitSession };

export type BrowserName = "Chromium" | "Firefox" | "WebKit";

export interface AbsentBrowser {
  readonly name: BrowserName;
  /** One sentence: what is missing, and what to install. */
  readonly reason: string;
}

/** Turns off requests to the vendor's servers. */
const chromiumArgs = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // A container's /dev/shm is often too small.
  "--disable-dev-shm-usage",
  // Chromium refuses to sandbox for root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];
const firefoxPrefs = {
  "app.update.enabled": false,
  "app.normandy.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
};

/** The browsers that are missing on this machine. Tests in them are skipped, and the run names them. */
export function absentBrowsers(): AbsentBrowser[] {
  const reasons: [BrowserName, string | undefined][] = [
    ["Chromium", chromiumAbsence()],
    ["Firefox", firefoxAbsence()],
    ["WebKit", webKitAbsence()],
  ];
  return reasons.flatMap(([name, reason]) => (reason === undefined ? [] : [{ name, reason }]));
}

/** Whether tests can use this browser: `describe.skipIf(!hasBrowser("WebKit"))`. */
export function hasBrowser(name: BrowserName): boolean {
  return !absentBrowsers().some((absent) => absent.name === name);
}

/** Opens a headless Chromium: an installed one, else Playwright's own, else the one from npm. Throws when there is none. */
export async function launchChromium(): Promise<Browser> {
  const installed = findProgram(programs.chromium.names) ?? ownBrowser(chromium.executablePath());
  if (installed !== undefined) return await chromium.launch({ executablePath: installed, args: chromiumArgs });
  const absence = chromiumAbsence();
  if (absence !== undefined) throw new Error(absence);
  return await launchChromiumFromNpm();
}

/** Opens a headless Firefox: an installed Firefox ESR, else Playwright's own. Throws when there is none. */
export async function launchFirefox(): Promise<Browser> {
  const installed = findProgram(programs.firefox.names);
  // This channel speaks WebDriver BiDi, which an unpatched Firefox understands.
  if (installed !== undefined) {
    return await firefox.launch({ channel: "moz-firefox", executablePath: installed, firefoxUserPrefs: firefoxPrefs });
  }
  const absence = firefoxAbsence();
  if (absence !== undefined) throw new Error(absence);
  return await firefox.launch({ firefoxUserPrefs: firefoxPrefs });
}

/** Opens the Chromium of an npm package, which is built for a bare Linux machine and contains its libraries. */
export async function launchChromiumFromNpm(): Promise<Browser> {
  // The package unpacks those libraries only if it detects its own platform while it is being loaded.
  process.env["AWS_EXECUTION_ENV"] ??= "AWS_Lambda_nodejs22.x";
  const { default: packed } = await import("@sparticuz/chromium");
  const executablePath = await packed.executablePath();
  return await chromium.launch({ executablePath, args: [...packed.args, ...chromiumArgs] });
}

function chromiumAbsence(): string | undefined {
  if (findProgram(programs.chromium.names) !== undefined || ownBrowser(chromium.executablePath()) !== undefined) return undefined;
  if (process.platform === "linux" && process.arch === "x64") return undefined;
  return "Chromium is not installed (Debian: chromium; elsewhere: npx playwright install chromium)";
}

function firefoxAbsence(): string | undefined {
  if (findProgram(programs.firefox.names) !== undefined || ownBrowser(firefox.executablePath()) !== undefined) return undefined;
  return "Firefox is not installed (Debian: firefox-esr; elsewhere: npx playwright install firefox)";
}

function ownBrowser(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}
