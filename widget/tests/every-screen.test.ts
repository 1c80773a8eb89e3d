/** What must be true of every screen, in both languages and both themes: accessible, without holes, and calm when it changes. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking, cannedBookings, paid, payment, prompted } from "../screens/canned-bookings.ts";
import type { CheckoutPage } from "./checkout-page.ts";
import { problem } from "./fake-service.ts";

/** Where two things that follow each other stand more than 40 px apart. Runs in the page. */
function holesIn(element: Element): string[] {
  const stage = element.shadowRoot?.querySelector(".stage");
  const shown = [...(stage?.querySelectorAll(":scope > *, .actions > *") ?? [])].filter(
    (each) => !each.matches(".actions, .unseen") && each.checkVisibility(),
  );
  const rows = shown.map((each) => each.getBoundingClientRect()).toSorted((one, other) => one.top - other.top);
  return rows.flatMap(({ top }, at) => {
    const gap = at === 0 ? 0 : top - Math.max(...rows.slice(0, at).map(({ bottom }) => bottom));
    return gap > 40 ? [`a hole of ${Math.round(gap)} px above "${shown[at]?.textContent?.trim().slice(0, 30)}"`] : [];
  });
}

/** Words that go on in the next line, though they have no hyphen. Runs in the page. */
function brokenWordsIn(element: Element): string[] {
  const broken: string[] = [];
  const walker = document.createTreeWalker(element.shadowRoot ?? element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement?.checkVisibility() || node.parentElement.closest("style, .unseen")) continue;
    for (const { 0: word, index } of (node.textContent ?? "").matchAll(/[^\s-]+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word);
    }
  }
  return broken;
}

/** Who looks at a card while its height changes sees a part of it. */
const STILL = { reducedMotion: "reduce" } as const;

const languages = ["en", "sw"] as const;
const another = { en: "Pay another way", sw: "Lipa kwa njia nyingine" };
const views = cannedBookings();

describeInBrowser("every screen", ({ service, open }) => {
  /** Opens one page and leads it through all screens by changing its booking. */
  async function visit(
    lang: (typeof languages)[number],
    theme: string,
    width: number,
    look: (name: string, at: CheckoutPage) => Promise<void>,
  ) {
    for (const view of Object.values(views)) service.bookings.set(view.bookingId, view);
    service.bookings.set("phone-error", booking("phone-error"));
    service.bookings.set("too-many", booking("too-many"));
    service.pay = () => ({ ...problem(429, "too_many_tries"), headers: { "Retry-After": "95" } });
    const checkout = await open({ bookingId: "ready", lang, attributes: `theme="${theme}" share-url="/pay"`, width, settings: STILL });
    for (const name of [...Object.keys(views), "phone-error", "too-many", "missing"]) {
      await checkout.element.evaluate((element, id) => element.setAttribute("booking-id", id), name);
      const status = /^(manual|phone-error|too-many)/.exec(name) ? undefined : name.replace("missing", "unavailable").split("-")[0];
      if (status) await checkout.shows(status);
      if (name.startsWith("manual")) {
        await checkout.shows(name === "manual-open" ? "prompted" : "ready");
        await checkout.button(another[lang]).click();
        await checkout.shows("manual");
      }
      if (name === "phone-error" || name === "too-many") {
        await checkout.shows("ready");
        await checkout.payFrom(name === "too-many" ? "0712345678" : "0712");
        if (name === "too-many") await checkout.shows("failed");
      }
      await look(name, checkout);
    }
    await checkout.close();
  }

  for (const lang of languages) {
    for (const theme of ["light", "dark"]) {
      it(`has no accessibility violations: ${lang}, ${theme}`, { timeout: 300_000 }, async () => {
        const violations: string[] = [];
        await visit(lang, theme, 360, async (name, { page }) => {
          const result = await new AxeBuilder({ page }).analyze();
          for (const { id, nodes } of result.violations)
            violations.push(`${name}: ${id} ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
        });
        expect(violations).toEqual([]);
      });
    }

    for (const width of [280, 360, 1280]) {
      it(`has no holes, breaks no word, has targets of 44 px and fits: ${lang}, ${width} px`, { timeout: 180_000 }, async () => {
        const faults: string[] = [];
        await visit(lang, "light", width, async (name, { element, page }) => {
          const sizes = await element.evaluate((each) =>
            [...(each.shadowRoot?.querySelectorAll("button, input, summary, a") ?? [])].map((target) => {
              // A tick box is as large as its label.
              const { width: across, height } = (target.closest("label") ?? target).getBoundingClientRect();
              return { text: target.textContent?.trim() ?? "", across, height };
            }),
          );
          // What is not shown at this width has no size, and nobody aims at it.
          for (const { text, across, height } of sizes.filter((target) => target.height > 0))
            if (across < 44 || height < 44) faults.push(`${name}: ${text} ${across}×${height}`);
          faults.push(...(await element.evaluate(holesIn)).map((hole) => `${name}: ${hole}`));
          faults.push(...(await element.evaluate(brokenWordsIn)).map((word) => `${name}: "${word}" is broken`));
          expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name} scrolls sideways`).toBeLessThanOrEqual(width);
        });
        expect(faults).toEqual([]);
      });
    }
  }

  it("fits a small phone, with its button, as long as no keyboard is open", async () => {
    service.bookings.set("fits", booking("fits"));
    const checkout = await open({ bookingId: "fits", width: 360 });
    await checkout.shows("ready");
    const { height } = await checkout.element.evaluate((element) => element.getBoundingClientRect());
    expect(height).toBeLessThan(560);
    await checkout.close();
  });

  it("glides to another height, and stands still for those who asked for that", async () => {
    service.bookings.set("glides", booking("glides"));
    for (const reducedMotion of ["no-preference", "reduce"] as const) {
      const checkout = await open({ bookingId: "glides", settings: { reducedMotion } });
      await checkout.shows("ready");
      await checkout.element.evaluate((element) => {
        const card = element.shadowRoot?.querySelector("[part=card]");
        Object.assign(globalThis, { glides: 0 });
        const animate = Element.prototype.animate;
        Element.prototype.animate = function (...how) {
          if (this === card) Object.assign(globalThis, { glides: (globalThis as unknown as { glides: number }).glides + 1 });
          return animate.apply(this, how);
        };
      });
      await checkout.button("Pay another way").click();
      await checkout.shows("manual");
      const glides = await checkout.page.evaluate(() => (globalThis as unknown as { glides: number }).glides);
      expect(glides).toBe(reducedMotion === "reduce" ? 0 : 1);
      await checkout.close();
    }
  });

  it("changes nothing under a finger", async () => {
    service.bookings.set("finger", prompted("finger"));
    const checkout = await open({ bookingId: "finger" });
    await checkout.heading("Check your phone").waitFor();
    await service.until(() => service.streamsOf("finger") === 1);
    await checkout.heading("Check your phone").hover();
    await checkout.page.mouse.down();
    service.publish(paid("finger", 9));
    await checkout.page.waitForFunction(() => document.querySelector<HTMLElement & { status: string }>("somo-pay")?.status === "paid");
    expect(await checkout.heading("Check your phone").count()).toBe(1);
    await checkout.page.mouse.up();
    await checkout.heading("Payment received").waitFor();
    await checkout.close();
  });

  it("brings what is new into view, for a parent who is working here", async () => {
    service.bookings.set("viewed", booking("viewed"));
    service.pay = () => ({ status: 200, body: { success: true, data: prompted("viewed") } });
    const settings = { viewport: { width: 360, height: 300 } };
    const checkout = await open({ bookingId: "viewed", settings });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    const top = () => checkout.heading("Check your phone").evaluate((heading) => heading.getBoundingClientRect().top);
    await expect.poll(top).toBeGreaterThanOrEqual(0);
    expect(await top()).toBeLessThan(300);
    await checkout.close();
  });

  it("leads from control to control in the order in which they stand", { timeout: 180_000 }, async () => {
    const backwards: string[] = [];
    await visit("en", "light", 360, async (name, { element }) => {
      const rows = await element.evaluate((each) =>
        [...(each.shadowRoot?.querySelectorAll("a, button, input, summary") ?? [])]
          .filter((control) => control.checkVisibility())
          .map((control) => control.getBoundingClientRect().bottom),
      );
      if (rows.some((bottom, at) => bottom < (rows[at - 1] ?? 0) - 8)) backwards.push(`${name}: ${rows.join(", ")}`);
    });
    expect(backwards).toEqual([]);
  });

  it("says each change once, in one live region, and never a countdown", async () => {
    service.bookings.set("spoken", booking("spoken"));
    const checkout = await open({ bookingId: "spoken" });
    await checkout.shows("ready");
    await checkout.element.evaluate((element) => {
      const said: string[] = [];
      Object.assign(globalThis, { said });
      const region = element.shadowRoot?.querySelector("[role=status]");
      if (region)
        new MutationObserver(() => said.push(region.textContent ?? "")).observe(region, {
          childList: true,
          characterData: true,
          subtree: true,
        });
    });
    const open3 = { version: 3, payment_status: "pending", payment: payment("prompted") } as const;
    service.streams = "closed";
    service.bookings.set("spoken", booking("spoken", open3));
    await checkout.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
    await checkout.shows("prompted");
    service.bookings.set("spoken", booking("spoken", { ...open3, version: 4, payment: payment("confirming", 62) }));
    await checkout.shows("confirming");
    service.streams = "open";
    const said = await checkout.page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
    expect(said).toEqual([
      "Check your phone and enter your M-Pesa PIN. Sent to 07••\u00a0•••\u00a0678. It asks for KES\u00a01,500, account AMANI-1042.",
      "We are checking with M-Pesa. Please do not pay again. This page updates by itself.",
    ]);
    expect(await checkout.page.locator("[aria-live], [role=status], [role=alert]").count()).toBe(1);
    expect(await checkout.focused()).toMatch(/^BODY/);
    await checkout.close();
  });

  it("moves the focus to the new heading, which describes the rest, when the parent was working here", async () => {
    service.bookings.set("focused", booking("focused"));
    service.pay = () => ({ status: 200, body: { success: true, data: prompted("focused") } });
    const checkout = await open({ bookingId: "focused" });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    expect(await checkout.focused()).toBe("H2 Check your phone and enter your M-Pesa PIN");
    // Its words change while it has the focus: screen readers say nothing of that, so the live region does.
    service.publish(paid("focused", 4));
    await checkout.shows("paid");
    expect(await checkout.page.locator("[role=status]").textContent()).toBe("Payment received. Your session is booked");
    expect(await checkout.focused()).toBe("H2 Payment received");
    await checkout.close();
  });

  it("says what is wrong with a number when the field has the focus already", async () => {
    service.bookings.set("refused", booking("refused"));
    const checkout = await open({ bookingId: "refused" });
    await checkout.shows("ready");
    await checkout.page.locator("#phone").fill("0712");
    await checkout.page.keyboard.press("Enter");
    const said = checkout.page.locator("[role=status]");
    await expect.poll(() => said.textContent()).toBe("Enter a full Safaricom number, for example 0712\u00a0345\u00a0678");
    expect(await checkout.focused()).toBe("INPUT");
    await checkout.page.keyboard.type("3");
    expect(await checkout.page.locator("#phone").inputValue()).toBe("0712 3");
    await checkout.close();
  });
});
