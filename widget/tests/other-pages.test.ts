/** What other people's pages do to the element, and what it must not do to them. Each of these was once seen to fail. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { booking, failed, paid, payment, prompted } from "../screens/canned-bookings.ts";
import { describeInBrowser } from "./browser-set-up.ts";
import { startCasePages } from "./case-pages.ts";
import type { CasePages } from "./case-pages.ts";
import { taken } from "./fake-service.ts";

let count = 0;
const newId = () => `other-${++count}`;
/** A service that answers does so at once; a page that waits for a free connection waits for a minute. */
const SOON_MS = 20_000;

describeInBrowser("on other people's pages", ({ service, browser }) => {
  let pages: CasePages;
  beforeAll(async () => {
    pages = await startCasePages();
  });
  afterAll(() => pages.stop());

  async function openCase(path: string, query: Record<string, string | string[]>): Promise<Page> {
    const page = await browser().newPage({ viewport: { width: 400, height: 800 }, locale: "en-KE" });
    page.setDefaultTimeout(SOON_MS);
    await page.goto(`${pages.origin}${path}?${queryOf({ service: service.origin, ...query })}`);
    return page;
  }
  const statusIs = (page: Page, wanted: string) =>
    page.waitForFunction((status) => document.querySelector<HTMLElement & { status?: string }>("somo-pay")?.status === status, wanted);

  for (const router of ["turbo", "htmx", "htmx4", "any-state"]) {
    describe(`under ${router}`, () => {
      async function openDialog(): Promise<Page> {
        const page = await openCase(`/${router}/a`, { key: "pk_test" });
        await page.getByRole("link", { name: "Book" }).click();
        await page.getByRole("button", { name: "Book" }).click();
        await page.getByLabel("Your name").fill("Wanjiru");
        await page.evaluate(() => Object.assign(globalThis, { element: document.querySelector("somo-pay") }));
        pages.fetched.length = 0;
        return page;
      }
      const hasRoutersStateAgain = (page: Page) =>
        page.waitForFunction(() => {
          const state: unknown = history.state;
          return typeof state === "object" && state !== null && !("somopay" in state);
        });
      const isSameElement = (page: Page) =>
        page.evaluate(() => (globalThis as { element?: unknown }).element === document.querySelector("somo-pay"));

      for (const [how, close] of [
        ["Escape", (page: Page) => page.keyboard.press("Escape")],
        ["back", (page: Page) => page.goBack()],
      ] as const) {
        it(`closing the dialog by ${how} leaves the page as it is, and what was typed`, async () => {
          const page = await openDialog();
          await close(page);
          await page.getByRole("dialog").waitFor({ state: "detached" });
          await hasRoutersStateAgain(page);
          // "Forward" leads to the step that the dialog was, which means nothing to the router either.
          if (how === "Escape") await page.goForward();
          await page.getByRole("button", { name: "Book" }).click();
          expect(pages.fetched).toEqual([]);
          expect(await isSameElement(page)).toBe(true);
          expect(await page.getByLabel("Your name").inputValue()).toBe("Wanjiru");
          await page.context().close();
        });
      }

      it("back from the page itself is still the router's", async () => {
        const page = await openDialog();
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await hasRoutersStateAgain(page);
        await page.goBack();
        await page.getByRole("link", { name: "Book" }).waitFor();
        expect(page.url()).toContain(`/${router}/a`);
        await page.context().close();
      });
    });
  }

  it("a page that takes the element away and goes on to another page stays there", async () => {
    const page = await openCase("/turbo/b", { key: "pk_test" });
    await page.getByRole("button", { name: "Book" }).click();
    await page.getByRole("dialog").waitFor();
    await page.evaluate(() => {
      document.querySelector("somo-pay")?.remove();
      history.pushState(null, "", "/thanks");
    });
    // "back" would come with the next event of the history, which is the page's own.
    await page.evaluate(() => {
      history.pushState(null, "", "/thanks/more");
      return new Promise((resolve) => {
        addEventListener("popstate", resolve, { once: true });
        history.back();
      });
    });
    expect(new URL(page.url()).pathname).toBe("/thanks");
    await page.context().close();
  });

  it("a page that leaves when the dialog closes stays where it went", async () => {
    const page = await openCase("/turbo/b", { key: "pk_test" });
    await page.evaluate(() => addEventListener("somopay-close", () => history.pushState(null, "", "/thanks")));
    await page.getByRole("button", { name: "Book" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // Timers run in the order of their time: the element's own has run by then.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1)));
    expect(new URL(page.url()).pathname).toBe("/thanks");
    await page.context().close();
  });

  it("eight cards leave connections for requests to pay", async () => {
    const ids = Array.from({ length: 8 }, newId);
    for (const id of ids) service.bookings.set(id, failed(id, "cancelled"));
    const last = ids.at(-1) ?? "";
    service.pay = () => {
      service.bookings.set(last, prompted(last, 0, 9));
      return taken(prompted(last, 0, 9));
    };
    const page = await openCase("/cases/eight-failed-cards.html", { b: ids });
    const cards = page.locator("somo-pay");
    await expect.poll(() => cards.getByRole("button", { name: "Try again" }).count()).toBe(8);
    await service.until(() => ids.some((id) => service.streamsOf(id) > 0));
    expect(ids.reduce((sum, id) => sum + service.streamsOf(id), 0)).toBe(1);
    await cards.last().getByRole("button", { name: "Try again" }).click();
    await cards.last().getByLabel("M-Pesa phone number").fill("0712345678");
    await cards
      .last()
      .getByRole("button", { name: /^Pay KES/ })
      .click();
    await cards.last().getByRole("heading", { name: "Check your phone" }).waitFor();
    // Who waits for a prompt has the stream; the others read.
    await service.until(() => service.streamsOf(last) === 1);
    await expect.poll(() => ids.reduce((sum, id) => sum + service.streamsOf(id), 0)).toBe(1);
    service.publish(paid(last, 10));
    await cards.last().getByText("UKN7QX41B2").waitFor();
    await page.context().close();
  });

  it("a failure of yesterday has no stream", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "cancelled", 5, { payment: payment("failed", 86_400, { reason: "cancelled" }) }));
    const other = newId();
    service.bookings.set(other, failed(other, "cancelled"));
    const page = await openCase("/cases/eight-failed-cards.html", { b: [id, other] });
    await service.until(() => service.streamsOf(other) === 1);
    expect(service.streamsOf(id)).toBe(0);
    // Seen again, it looks once.
    service.bookings.set(id, paid(id, 9));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
    await statusIs(page, "paid");
    await page.context().close();
  });

  it("a page in the background gives its stream up, and has it again when it is seen", async () => {
    const id = newId();
    service.bookings.set(id, prompted(id));
    const page = await openCase("/cases/eight-failed-cards.html", { b: id });
    await service.until(() => service.streamsOf(id) === 1);
    const turn = (hidden: boolean) =>
      page.evaluate((isHidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      }, hidden);
    await turn(true);
    await expect.poll(() => service.streamsOf(id)).toBe(0);
    await turn(false);
    await expect.poll(() => service.streamsOf(id)).toBe(1);
    await page.context().close();
  });

  it("empty and unknown values are the defaults", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => taken(prompted(id));
    const page = await openCase("/cases/empty-values.html", { booking: id });
    for (const place of ["#a", "#b"]) {
      const card = page.locator(place);
      await card.getByLabel("M-Pesa phone number").waitFor();
      await card.evaluate((element) => element.setAttribute("mode", "popup"));
      await card.getByLabel("M-Pesa phone number").waitFor();
    }
    await page.locator("#b").getByLabel("M-Pesa phone number").fill("0712345678");
    await page
      .locator("#b")
      .getByRole("button", { name: /^Pay KES/ })
      .click();
    await page.locator("#b").getByRole("heading", { name: "Check your phone" }).waitFor();
    expect(service.payCalls.at(-1)?.body).toEqual({ bookingId: id, phone: "254712345678" });
    await page.context().close();
  });

  it("Vue sets, changes and clears properties, and hears of the payment", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const page = await openCase("/cases/vue-values.html", { booking: id });
    await page.getByRole("button", { name: "Pay KES" }).waitFor();
    await page.evaluate(() => {
      const { state } = globalThis as unknown as { state: Record<string, unknown> };
      Object.assign(state, { mode: null, amount: null, theme: undefined });
    });
    await page.getByLabel("M-Pesa phone number").waitFor();
    const values = await page
      .locator("somo-pay")
      .evaluate((element: HTMLElementTagNameMap["somo-pay"]) => [element.mode, element.amount, element.theme, element.merchant]);
    expect(values).toEqual(["inline", undefined, "auto", "Amani Tutors"]);
    service.bookings.set(id, paid(id));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
    await page.waitForFunction(
      (bookingId) => (globalThis as unknown as { state: { confirmed: string } }).state.confirmed === bookingId,
      id,
    );
    await page.context().close();
  });

  it("a browser that is wrong about being offline pays, and says nothing of it", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    // The first answer is lost.
    service.pay = (_, calls) => (calls - before === 1 ? { status: 502, body: "<html>" } : taken(prompted(id)));
    const page = await openCase("/cases/online-false.html", { booking: id });
    await page.getByLabel("M-Pesa phone number").fill("0712345678");
    await page.getByRole("button", { name: /^Pay KES/ }).click();
    await statusIs(page, "prompted");
    service.publish(paid(id));
    await statusIs(page, "paid");
    expect(await page.getByText("You are offline").count()).toBe(0);
    await page.context().close();
  });

  it("“You are offline” goes when the network is back, although nobody says so and nothing is awaited", async () => {
    const id = newId();
    service.bookings.set(id, paid(id));
    const page = await openCase("/cases/online-false.html", { booking: id });
    await statusIs(page, "paid");
    await page.evaluate(() => dispatchEvent(new Event("offline")));
    await page.getByText("You are offline").waitFor();
    await page.getByText("You are offline").waitFor({ state: "detached" });
    await page.context().close();
  });

  it("a page's keyboard shortcuts neither eat the number nor hear of it, and keep their Escape", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const page = await openCase("/cases/page-shortcuts.html", { booking: id });
    await page.addScriptTag({
      type: "module",
      content: `import { install } from "/hotkey.js"; const button = document.createElement("button");
      button.onclick = () => { document.title = "hotkey"; }; document.body.append(button); install(button, "5");`,
    });
    await page.evaluate(() => addEventListener("keydown", ({ key }) => key === "Escape" && Object.assign(globalThis, { escaped: true })));
    const field = page.getByLabel("M-Pesa phone number");
    await field.click();
    await page.keyboard.type("0712345678");
    expect((await field.inputValue()).replace(/\s/g, "")).toBe("0712345678");
    expect(await page.title()).toBe("player");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => "escaped" in globalThis)).toBe(true);
    await page.context().close();
  });

  it("a page's cache that comes first shows no price of yesterday", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const page = await openCase("/cases/cache-first.html", { booking: id });
    await statusIs(page, "ready");
    service.bookings.set(id, paid(id));
    await page.reload();
    await statusIs(page, "paid");
    expect(await page.evaluate(() => caches.has("all"))).toBe(true);
    await page.context().close();
  });
});

describe("on a server, where there is no HTMLElement", () => {
  it("importing the package does nothing", () => {
    const program = `await import("@somopay/widget"); console.log(typeof HTMLElement, globalThis.customElements?.get("somo-pay"))`;
    const cwd = fileURLToPath(new URL("..", import.meta.url));
    const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd, encoding: "utf8" });
    expect(printed.trim()).toBe("undefined undefined");
  });
});

function queryOf(query: Record<string, string | string[]>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  return new URLSearchParams(pairs).toString();
}
