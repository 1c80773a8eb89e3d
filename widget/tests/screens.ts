/** Shows every screen of the element, and photographs them, always at the same moment, so that two photographs of one can be compared. */
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { PNG } from "pngjs";
import { startStates } from "./serve-states.ts";

/** One way in which all screens are looked at. `columnPx`: the room that the page gives the element. */
export type Sheet = { name: string; viewportPx: number; columnPx: number; theme: "light" | "dark"; lang: "en" | "sw" };

export const sheets: readonly Sheet[] = [
  { name: "360-light-en", viewportPx: 360, columnPx: 328, theme: "light", lang: "en" },
  { name: "1280-dark-sw", viewportPx: 1280, columnPx: 700, theme: "dark", lang: "sw" },
];

/** It tries again by itself, so that there is no one picture of it. */
const NEVER_STILL = new Set(["refused-lost"]);

/** What the photographs depend on beside the element: another browser or another font draws other letters. */
export type MadeWith = { chromium: string; fontPx: number };

export async function madeWith(browser: Browser): Promise<MadeWith> {
  const page = await browser.newPage();
  const fontPx = await page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d");
    if (!context) throw new Error("no canvas");
    context.font = "600 100px system-ui";
    return Math.round(context.measureText("Lipa KES 1,500 kwa M-Pesa").width);
  });
  await page.close();
  return { chromium: browser.version().split(".")[0] ?? "", fontPx };
}

export interface Screens {
  page: Page;
  names: readonly string[];
  close: () => Promise<void>;
}

/** One page with all screens below each other, when nothing moves in it any more. Its clock stands still. */
export async function openScreens(
  browser: Browser,
  { columnPx, theme, lang }: Pick<Sheet, "columnPx" | "lang"> & { theme: Sheet["theme"] | "auto" },
  settings: BrowserContextOptions,
): Promise<Screens> {
  const { service, host } = await startStates();
  const context = await browser.newContext({ locale: "en-KE", timezoneId: "Africa/Nairobi", ...settings });
  const close = async () => {
    await context.close();
    await host.stop();
    await service.stop();
  };
  try {
    const page = await context.newPage();
    await page.clock.setFixedTime(Date.now());
    await page.goto(`${host.origin}/states?lang=${lang}&theme=${theme}&width=${columnPx}`);
    const names = service.screens.map(({ name }) => name);
    await page.waitForFunction((count) => document.querySelectorAll("somo-pay").length === count, names.length);
    await settled(page);
    await onWholePixels(page);
    return { page, names, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns the screens' names and PNGs. The clock stands still in the page; the caller makes this process's stand at the same moment. */
export async function photograph(browser: Browser, sheet: Sheet): Promise<Map<string, Buffer>> {
  const viewport = { width: sheet.viewportPx, height: 900 };
  const { page, names, close } = await openScreens(browser, sheet, { viewport, reducedMotion: "reduce", colorScheme: sheet.theme });
  try {
    const pictures = new Map<string, Buffer>();
    for (const [index, name] of names.entries()) {
      if (NEVER_STILL.has(name)) continue;
      const element = page.locator("somo-pay").nth(index);
      pictures.set(name, coarsened(await element.screenshot({ animations: "disabled", caret: "hide" })));
    }
    return pictures;
  } finally {
    await close();
  }
}

/** A screen whose height changes by a fraction must not draw the letters of all below it elsewhere. */
async function onWholePixels(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll("somo-pay")) {
      const top = element.getBoundingClientRect().top + scrollY;
      element.style.marginTop = `${Math.ceil(top) - top}px`;
    }
  });
}

/** With 32 shades of each colour instead of 256 a picture is a third as large, and no eye misses the others. */
function coarsened(png: Buffer): Buffer {
  const image = PNG.sync.read(png);
  for (let at = 0; at < image.data.length; at++) image.data[at] = Math.round((Math.round(((image.data[at] ?? 0) * 31) / 255) * 255) / 31);
  return PNG.sync.write(image, { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 });
}

/** Every screen is the one that it is named after, and nothing has moved for a while. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const texts = Array.from(document.querySelectorAll("somo-pay"), ({ shadowRoot }) => shadowRoot?.innerHTML ?? "").join();
      const known = globalThis as { lastTexts?: string; sameFor?: number };
      known.sameFor = known.lastTexts === texts ? (known.sameFor ?? 0) + 1 : 0;
      known.lastTexts = texts;
      return texts !== "" && known.sameFor >= 8;
    },
    undefined,
    { polling: 250, timeout: 90_000 },
  );
}
