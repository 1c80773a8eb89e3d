/**
 * Every screen, drawn by Chromium, against the picture that somebody has looked at and approved.
 * After a change that is meant: `APPROVE_SCREENS=1 npm test -- widget/tests/approved-screens`, then look at what git says has changed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import type { Browser } from "playwright";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { absentBrowsers, launchChromium } from "../../e2e/browsers.ts";
import { madeWith, photograph, sheets, type Sheet } from "./screens.ts";

const folder = join(import.meta.dirname, "approved");
const madeWithFile = join(folder, "made-with.json");
/** Where pictures that differ are put, to be looked at. */
const differingFolder = join(import.meta.dirname, "../../node_modules/.cache/somopay-screens");
const isApproving = process.env["APPROVE_SCREENS"] === "1";
/** The edge of a letter may fall a hair's breadth elsewhere. */
const DIFFERING_PIXELS_MAX = 12;
/** A Tuesday morning, a fortnight before the lesson. */
const AT = new Date("2026-11-24T09:30:00+03:00");

const absence = absentBrowsers().find(({ name }) => name === "Chromium")?.reason;

describe.skipIf(absence !== undefined)(absence === undefined ? "every screen looks as approved" : `every screen (${absence})`, () => {
  let browser: Browser;
  let here: string;
  beforeAll(async () => {
    browser = await launchChromium();
    here = JSON.stringify(await madeWith(browser));
    vi.useFakeTimers({ toFake: ["Date"], now: AT });
    if (!isApproving) return;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    writeFileSync(madeWithFile, `${JSON.stringify(JSON.parse(here), null, 2)}\n`);
  }, 60_000);
  afterAll(async () => {
    vi.useRealTimers();
    await browser.close();
  });

  it.for(sheets)("$name", { timeout: 300_000 }, async (sheet, { skip }) => {
    const approvedHere = existsSync(madeWithFile) ? JSON.stringify(JSON.parse(readFileSync(madeWithFile, "utf8"))) : "nothing";
    skip(approvedHere !== here, `the approved screens were drawn with ${approvedHere}, and this machine draws with ${here}`);
    const pictures = await photograph(browser, sheet);
    if (isApproving) {
      for (const [name, png] of pictures) writeFileSync(fileOf(sheet, name), png);
      return;
    }
    const approved = readdirSync(folder).filter((file) => file.endsWith(`.${sheet.name}.png`));
    expect([...pictures.keys()].map((name) => `${name}.${sheet.name}.png`).toSorted()).toEqual(approved.toSorted());
    const differing = [...pictures].flatMap(([name, png]) => differenceOf(sheet, name, png));
    expect(differing, `compare them in ${differingFolder}`).toEqual([]);
  });
});

const fileOf = (sheet: Sheet, name: string) => join(folder, `${name}.${sheet.name}.png`);

function differenceOf(sheet: Sheet, name: string, png: Buffer): string[] {
  const [now, approved] = [PNG.sync.read(png), PNG.sync.read(readFileSync(fileOf(sheet, name)))];
  const { width, height } = now;
  const isOfOneSize = width === approved.width && height === approved.height;
  const difference = new PNG({ width, height });
  const pixels = isOfOneSize ? pixelmatch(now.data, approved.data, difference.data, width, height, { threshold: 0.1 }) : Infinity;
  if (pixels <= DIFFERING_PIXELS_MAX) return [];
  mkdirSync(differingFolder, { recursive: true });
  writeFileSync(join(differingFolder, `${name}.${sheet.name}.now.png`), png);
  if (isOfOneSize) writeFileSync(join(differingFolder, `${name}.${sheet.name}.difference.png`), PNG.sync.write(difference));
  return [isOfOneSize ? `${name}: ${pixels} pixels` : `${name}: ${width}×${height}, approved ${approved.width}×${approved.height}`];
}
