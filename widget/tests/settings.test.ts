/** The reader's settings: forced colours, no motion, 400 % zoom, wider text, larger text. On every screen, in the browser's own emulation of them. */
import { PNG } from "pngjs";
import type { Page } from "playwright";
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking } from "../screens/canned-bookings.ts";
import { faultsOfLayout } from "./layout.ts";
import { openScreens } from "./screens.ts";

/** The words of a page of 1280 × 1024 at 400 %. */
const ZOOMED = { width: 320, height: 256 };
/** What WCAG asks of lines and of marks that carry meaning (1.4.11). */
const CONTRAST_MIN = 3;
/** WCAG 1.4.12. */
const SPACING =
  "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }";

/** Every edge and mark that cannot be told from the page behind it. */
function faultsOfForcedColours(page: Page): Promise<string[]> {
  return page.evaluate((contrastMin) => {
    const faults: string[] = [];
    const luminance = (colour: string) => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (/[\d., ]+/.exec(colour)?.[0] ?? "").split(/[, ]+/).map(Number);
      const linear = [red, green, blue].map((value) => (value <= 10 ? value / 3294 : ((value / 255 + 0.055) / 1.055) ** 2.4));
      const [r = 0, g = 0, b = 0] = linear;
      return alpha === 0 ? undefined : 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const isToldApart = (one: string, other: string) => {
      const [a, b] = [luminance(one), luminance(other)];
      return a !== undefined && b !== undefined && (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) >= contrastMin;
    };
    const probe = document.createElement("i");
    probe.style.color = "Canvas";
    document.body.append(probe);
    const canvas = getComputedStyle(probe).color;
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true });

    for (const host of document.querySelectorAll("somo-pay")) {
      const name = host.previousElementSibling?.textContent ?? "";
      const all = (selector: string) => [...(host.shadowRoot?.querySelectorAll(selector) ?? [])].filter(isShown);
      for (const box of all(
        "[part=card], button, .chip, input:not([type=checkbox], [type=radio]), select, a, summary.button, [part=receipt]",
      )) {
        const { borderTopWidth, borderTopStyle, borderTopColor } = getComputedStyle(box);
        if (borderTopWidth === "0px" || borderTopStyle !== "solid" || !isToldApart(borderTopColor, canvas))
          faults.push(`${name}: no edge around ${box.tagName} "${box.textContent?.trim().slice(0, 40)}"`);
      }
      for (const copy of all("[part=copy-button]")) {
        const panel = copy.closest(".panel");
        if (panel && getComputedStyle(panel).borderTopWidth === "0px") faults.push(`${name}: no edge around what is copied`);
      }
      const [chosen, other] = ["true", "false"].map((pressed) => all(`[aria-pressed=${pressed}]`)[0]);
      if (chosen && other && getComputedStyle(chosen).textDecorationLine === getComputedStyle(other).textDecorationLine)
        faults.push(`${name}: the chosen language looks like the other`);
      for (const locked of all("[aria-disabled]")) {
        const usual = all("button:not([aria-disabled]):not([aria-pressed])")[0];
        const isBusy = locked.querySelector(".spinner") !== null;
        if (usual && !isBusy && getComputedStyle(locked).color === getComputedStyle(usual).color)
          faults.push(`${name}: "${locked.textContent?.trim()}" is locked and does not look so`);
      }
      for (const mark of all("svg *")) {
        const { stroke, fill } = getComputedStyle(mark);
        const isDrawn = stroke !== "none";
        const disc = mark.tagName === "path" && mark.parentElement?.querySelector("circle");
        const ground = disc && getComputedStyle(disc).fill !== "none" ? getComputedStyle(disc).fill : canvas;
        const paint = isDrawn ? stroke : fill;
        if (paint !== "none" && !isToldApart(paint, ground))
          faults.push(`${name}: ${mark.outerHTML.slice(0, 60)} is ${paint} on ${ground}`);
      }
    }
    return faults;
  }, CONTRAST_MIN);
}

/** Whether it can be seen that the spinner turns: a closed circle looks the same however it stands. */
function isOpenCircle(png: Buffer): boolean {
  const { width, height, data } = PNG.sync.read(png);
  const shade = (x: number, y: number) => data[4 * (y * width + x)] ?? 0;
  const edge = (at: (offset: number) => [number, number]) =>
    Array.from({ length: 4 }, (_, offset) => Math.abs(shade(...at(offset)) - shade(width >> 1, height >> 1)));
  const left = Math.max(...edge((offset) => [offset, height >> 1]));
  const right = Math.max(...edge((offset) => [width - 1 - offset, height >> 1]));
  return left > 100 && right < 50;
}

describeInBrowser("the reader's settings", ({ service, open, browser }) => {
  const screensWith = (columnPx: number, lang: "en" | "sw", settings: Parameters<typeof openScreens>[2]) =>
    openScreens(browser(), { columnPx, lang, theme: "auto" }, settings);

  for (const colorScheme of ["light", "dark"] as const) {
    it(`forced colours, ${colorScheme}: every edge and mark is still there`, { timeout: 180_000 }, async () => {
      const screens = await screensWith(400, "en", { forcedColors: "active", reducedMotion: "reduce", colorScheme });
      expect(await faultsOfForcedColours(screens.page)).toEqual([]);
      for (const name of ["sending", "manual", "failed-code-checking"]) {
        const spinner = screens.page.locator("somo-pay").nth(screens.names.indexOf(name)).locator(".spinner").first();
        expect(isOpenCircle(await spinner.screenshot()), `the spinner of ${name}`).toBe(true);
      }
      await screens.close();
    });
  }

  it("forced colours: what has the focus has a ring, in the dialog too", async () => {
    service.bookings.set("forced", booking("forced"));
    const checkout = await open({ bookingId: "forced", attributes: 'mode="button"', settings: { forcedColors: "active" } });
    const { page } = checkout;
    await checkout.shows("ready");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    for (const tag of ["H2", "INPUT", "BUTTON", "INPUT", "BUTTON"]) {
      const ring = await checkout.element.evaluate((element) => {
        const inner = element.shadowRoot?.activeElement;
        if (!inner) throw new Error("Nothing has the focus.");
        const { outlineStyle, outlineWidth } = getComputedStyle(inner);
        return { tag: inner.tagName, outlineStyle, outlineWidth };
      });
      // The heading that tells what is new is no control.
      expect(ring).toEqual(tag === "H2" ? expect.objectContaining({ tag }) : { tag, outlineStyle: "solid", outlineWidth: "3px" });
      await page.keyboard.press("Tab");
    }
    await checkout.close();
  });

  it("no motion: nothing moves on any screen, and things do without that setting", { timeout: 180_000 }, async () => {
    const moving = (page: Page) =>
      page.evaluate(() =>
        [...document.querySelectorAll("somo-pay")].flatMap(({ shadowRoot }) => [
          ...(shadowRoot?.getAnimations() ?? []).map((each) =>
            each.effect instanceof KeyframeEffect ? each.effect.target?.outerHTML : "",
          ),
          ...[...(shadowRoot?.querySelectorAll("*") ?? [])]
            .filter((element) => parseFloat(getComputedStyle(element).transitionDuration) > 0)
            .map(({ outerHTML }) => outerHTML),
        ]),
      );
    const still = await screensWith(328, "en", { reducedMotion: "reduce" });
    expect(await moving(still.page)).toEqual([]);
    await still.page.emulateMedia({ reducedMotion: "no-preference" });
    expect((await moving(still.page)).length).toBeGreaterThan(3);
    await still.close();
  });

  for (const lang of ["en", "sw"] as const) {
    it(`zoom to 400 %, ${lang}: nothing is cut, covered or beside the page`, { timeout: 180_000 }, async () => {
      const screens = await screensWith(ZOOMED.width - 32, lang, { viewport: ZOOMED, reducedMotion: "reduce" });
      expect(await faultsOfLayout(screens.page)).toEqual([]);
      await screens.close();
    });

    it(`wider text, ${lang}: nothing is cut or covered`, { timeout: 180_000 }, async () => {
      const screens = await screensWith(328, lang, { viewport: { width: 360, height: 800 }, reducedMotion: "reduce" });
      await screens.page.evaluate(async (rules) => {
        const sheet = new CSSStyleSheet();
        await sheet.replace(rules);
        // A reader's style sheet reaches into the element; a page's does not, so that it is put there.
        document.adoptedStyleSheets.push(sheet);
        for (const { shadowRoot } of document.querySelectorAll("somo-pay")) shadowRoot?.adoptedStyleSheets.push(sheet);
      }, SPACING);
      expect(await faultsOfLayout(screens.page)).toEqual([]);
      await screens.close();
    });

    it(`letters of twice the size on a phone, ${lang}: nothing is cut, covered or beside the page`, { timeout: 180_000 }, async () => {
      const phone = { viewport: { width: 360, height: 800 }, isMobile: true, hasTouch: true };
      const screens = await screensWith(328, lang, { ...phone, reducedMotion: "reduce" });
      const amount = screens.page.locator("somo-pay").nth(screens.names.indexOf("ready")).locator("[part=amount]");
      const usual = await amount.boundingBox();
      // What Android's own "font size" does to the browser's pages: the letters grow, and nothing else.
      await screens.page.addStyleTag({ content: ":root { text-size-adjust: 200% }" });
      await expect
        .poll(async () => (await amount.boundingBox())?.height, { timeout: 30_000 })
        .toBeGreaterThan((usual?.height ?? Infinity) * 1.8);
      expect(await faultsOfLayout(screens.page)).toEqual([]);
      await screens.close();
    });
  }

  it("zoom to 400 %: the dialog scrolls to whatever has the focus, and shows its whole ring", async () => {
    service.bookings.set("zoomed", booking("zoomed"));
    const checkout = await open({ bookingId: "zoomed", attributes: 'mode="button"', settings: { viewport: ZOOMED } });
    const { page } = checkout;
    await checkout.button(/^Pay KES/).click();
    await page.getByRole("dialog").waitFor();
    expect(await faultsOfLayout(page)).toEqual([]);
    for (const shift of ["", "Shift+"]) {
      for (let step = 0; step < 4; step++) {
        await page.keyboard.press(`${shift}Tab`);
        const seen = await checkout.element.evaluate((element) => {
          const inner = element.shadowRoot?.activeElement;
          const { top = -1, bottom = -1 } = inner?.getBoundingClientRect() ?? {};
          return { what: inner?.textContent?.trim() || inner?.id, isWhole: top >= 5 && bottom <= innerHeight - 5 };
        });
        expect(seen).toEqual({ what: seen.what, isWhole: true });
      }
    }
    await checkout.close();
  });

  it("a small or a large root font changes nothing: the words keep their size", async () => {
    service.bookings.set("root", booking("root"));
    const sizes: unknown[] = [];
    for (const pageCss of ["", ":root { font-size: 62.5% }", ":root { font-size: 200% }"]) {
      const checkout = await open({ bookingId: "root", settings: { viewport: { width: 1280, height: 900 } }, pageCss });
      await checkout.shows("ready");
      sizes.push(await checkout.element.evaluate((element) => [element.clientWidth, element.clientHeight]));
      await checkout.close();
    }
    expect(sizes).toEqual([sizes[0], sizes[0], sizes[0]]);
    expect(sizes[0]).toEqual([440, expect.any(Number)]);
  });
});
