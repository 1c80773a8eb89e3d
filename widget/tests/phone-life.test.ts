/** What happens to a page on a cheap phone whose owner leaves the browser to type a PIN: the truth is there within 2 s of being seen again. */
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking, failed, paid, prompted } from "../screens/canned-bookings.ts";
import type { CheckoutPage } from "./checkout-page.ts";
import { problem, taken } from "./fake-service.ts";

let count = 0;
const newId = () => `life-${++count}`;
const SEEN_AGAIN_MS = 2_000;

/** As Android does to a browser in the background: no script runs, no message is read. */
async function freeze({ page }: CheckoutPage): Promise<() => Promise<void>> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("Page.setWebLifecycleState", { state: "frozen" });
  return async () => {
    await devTools.send("Page.setWebLifecycleState", { state: "active" });
  };
}

async function expectWithin(limitMs: number, shown: Promise<void>): Promise<void> {
  const startedAt = performance.now();
  await shown;
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
}

describeInBrowser("a phone", ({ service, open }) => {
  it("that froze the page while the PIN was typed shows the receipt as soon as the page is seen", async () => {
    const id = newId();
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    await service.until(() => service.streamsOf(id) === 1);
    const thaw = await freeze(checkout);
    service.dropStreams();
    service.bookings.set(id, paid(id));
    await thaw();
    await expectWithin(SEEN_AGAIN_MS, checkout.shows("paid"));
    await checkout.close();
  });

  it("does not wait for a read that hung while the page was away", async () => {
    const id = newId();
    service.streams = "silent";
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    let hung = 0;
    await checkout.page.route("**/api/booking/**", (route) => (hung++ === 0 ? undefined : route.continue()));
    await checkout.page.evaluate(() => dispatchEvent(new Event("pageshow")));
    await expect.poll(() => hung).toBe(1);
    service.bookings.set(id, paid(id));
    await checkout.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
    await expectWithin(SEEN_AGAIN_MS, checkout.shows("paid"));
    service.streams = "open";
    await checkout.close();
  });

  it("in airplane mode says so, and carries on when it is back", async () => {
    const id = newId();
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    await checkout.page.context().setOffline(true);
    await checkout.page.getByText("You are offline. We will carry on when you are back.").waitFor();
    service.dropStreams();
    service.bookings.set(id, failed(id, "expired"));
    await checkout.page.context().setOffline(false);
    await expectWithin(SEEN_AGAIN_MS, checkout.shows("failed"));
    await checkout.page.getByText("You are offline").waitFor({ state: "hidden" });
    await checkout.close();
  });

  it("behind a proxy that blocks streams reads instead", async () => {
    const id = newId();
    service.streams = "closed";
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    service.bookings.set(id, paid(id));
    await checkout.shows("paid");
    expect(service.streamsOf(id)).toBe(0);
    service.streams = "open";
    await checkout.close();
  });

  it("shows the receipt that comes after the word that it is paid", async () => {
    const id = newId();
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await service.until(() => service.streamsOf(id) === 1);
    const view = paid(id);
    service.publish({ ...view, payment: view.payment && { ...view.payment, receipt: undefined } });
    await checkout.shows("paid");
    await service.until(() => service.streamsOf(id) === 0);
    service.bookings.set(id, { ...view, version: view.version + 1 });
    await checkout.page.getByText("UKN7QX41B2").waitFor();
    await checkout.close();
  });

  it("that reloads in the middle of sending shows what came of it, and sends nothing again", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    service.pay = () => {
      service.bookings.set(id, prompted(id));
      return new Promise(() => undefined);
    };
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    await service.until(() => service.payCalls.length === before + 1);
    await checkout.page.reload();
    await expectWithin(SEEN_AGAIN_MS + 1_000, checkout.shows("prompted"));
    expect(service.payCalls.length).toBe(before + 1);
    await checkout.close();
  });

  it("that closes the page and opens another shows the same payment", async () => {
    const id = newId();
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    service.bookings.set(id, paid(id));
    const address = checkout.page.url();
    const again = await checkout.page.context().newPage();
    await checkout.page.close();
    await again.goto(address);
    await again.getByText("UKN7QX41B2").waitFor();
    await again.context().close();
  });

  it("with two tabs sends one prompt, and both come to the same end", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    service.pay = (_, calls) => {
      if (calls - before > 1) return problem(409, "attempt_open", { booking: prompted(id) });
      service.bookings.set(id, prompted(id));
      return taken(prompted(id));
    };
    const checkout = await open({ bookingId: id });
    const other = await checkout.page.context().newPage();
    await other.goto(checkout.page.url());
    await other.getByLabel("M-Pesa phone number").fill("0712345678");
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    await other.getByRole("button", { name: /^Pay KES/ }).click();
    await other.getByRole("heading", { name: "Check your phone and enter your M-Pesa PIN" }).waitFor();
    await service.until(() => service.streamsOf(id) === 2);
    service.publish(paid(id));
    await checkout.shows("paid");
    await other.getByText("UKN7QX41B2").waitFor();
    await checkout.close();
  });

  it("with a clock three days off counts down truly", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => {
      service.bookings.set(id, prompted(id, 0));
      return taken(prompted(id, 0));
    };
    const checkout = await open({
      bookingId: id,
      javaScriptBefore: "{ const now = Date.now.bind(Date); Date.now = () => now() - 3 * 86_400_000; }",
    });
    await checkout.payFrom("0712345678");
    await checkout.page.getByText(/^(60|5\d) seconds left$/).waitFor();
    await checkout.page.reload();
    await checkout.page.getByText(/^(60|5\d) seconds left$/).waitFor();
    await checkout.close();
  });

  it("without storage pays all the same", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => taken(prompted(id));
    const checkout = await open({
      bookingId: id,
      javaScriptBefore: "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })",
    });
    await checkout.page.getByLabel("Remember this number on this device").check();
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    expect(checkout.complaints).toEqual([]);
    await checkout.close();
  });

  for (const streams of ["closed", "silent"] as const) {
    it(`whose network lets no stream through (${streams}) reads instead, within 5 s`, async () => {
      const id = newId();
      service.streams = streams;
      service.bookings.set(id, prompted(id));
      const checkout = await open({ bookingId: id });
      await checkout.shows("prompted");
      service.bookings.set(id, paid(id));
      await expectWithin(6_000, checkout.shows("paid"));
      service.streams = "open";
      await checkout.close();
    });
  }
});
