import { beforeAll, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../platform/sse.ts";
import { newBrowser, type Browser } from "../../platform/sse-browser.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "../../payments/payments-under-test.ts";
import { recordOutcome } from "../../payments/record-outcome.ts";
import { insertTestSite, newId } from "../../payments/testing.ts";
import { createLiveLists, type LiveLists } from "./live-lists.ts";
import { createLiveStore } from "./live-store.ts";

const REREAD_INTERVAL_MS = 2_000;
const OTHER = "site_live_other";

describeOnEachDatabase("a live list", (database) => {
  let under: PaymentsUnderTest;
  let lists: LiveLists;
  let siteId: string;
  beforeAll(() => insertTestSite(database(), OTHER));
  beforeEach(async () => {
    siteId = newId("site");
    await insertTestSite(database(), siteId);
    under = paymentsUnderTest(database());
    lists = createLiveLists({ ...under.deps, payments: under.deps, live: createLiveStore(database()) });
  });
  const open = async (watcher = "person", site = siteId): Promise<Browser> => {
    const browser = newBrowser();
    await lists.open(site, watcher, browser.response);
    return browser;
  };
  const eventSchema = z.object({ bookingId: z.string(), payment_status: z.string() });
  const seen = (browser: Browser): string[] =>
    [...browser.text().matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => {
      const { bookingId, payment_status } = eventSchema.parse(JSON.parse(json));
      return `${bookingId} ${payment_status}`;
    });
  const pay = (attempt: { id: string }) =>
    recordOutcome(under.deps, {
      attemptId: attempt.id,
      event: { type: "paid", receipt: newId("UK"), paidAtMs: null, checkoutRequestId: null },
      source: "callback",
    });

  it("begins with the newest bookings, and goes on with each change as it is notified", async () => {
    const { booking, attempt } = await under.begun({ status: "prompted" }, { siteId });
    const first = await open();
    expect(seen(first)).toEqual([`${booking.id} pending`]);
    await pay(attempt);
    await expect.poll(() => seen(first)).toEqual([`${booking.id} pending`, `${booking.id} paid`]);
    expect(seen(await open("somebody else"))).toEqual([`${booking.id} paid`]);
    expect(seen(first)).toHaveLength(2);
  });

  it("shows a booking that is new within two seconds", async () => {
    const browser = await open();
    const booking = await under.inserted({ siteId });
    under.tick(REREAD_INTERVAL_MS);
    await expect.poll(() => seen(browser)).toEqual([`${booking.id} unpaid`]);
  });

  it("shows nothing of another site", async () => {
    const foreign = await under.begun({ status: "prompted" }, { siteId: OTHER });
    const browser = await open();
    const booking = await under.inserted({ siteId });
    await pay(foreign.attempt);
    under.tick(REREAD_INTERVAL_MS);
    await expect.poll(() => seen(browser)).toEqual([`${booking.id} unpaid`]);
  });

  it("reads once for all who watch a site, and no more once nobody does", async () => {
    await under.begun({ status: "prompted" }, { siteId });
    const browsers = [await open("a"), await open("b"), await open("c")];
    let statements = 0;
    const count = (): void => void (statements += 1);
    database().knex.on("query", count);
    under.tick(REREAD_INTERVAL_MS);
    await expect.poll(() => statements).toBe(4);
    for (const browser of browsers) browser.hangUp();
    expect(lists.count()).toBe(0);
    under.tick(REREAD_INTERVAL_MS);
    database().knex.removeListener("query", count);
    expect(statements).toBe(4);
  });

  it("is limited for each person and each site", async () => {
    for (let index = 0; index < 10; index++) await open();
    await expect(open()).rejects.toMatchObject({ code: "too_many_streams" });
    for (let person = 0; person < 9; person++) for (let index = 0; index < 10; index++) await open(`person ${person}`);
    await expect(open("one more")).rejects.toMatchObject({ code: "too_many_streams" });
    await open("elsewhere", OTHER);
  });

  it("beats, and ends after five minutes, so that whoever watches is asked again who it is", async () => {
    const browser = await open();
    under.tick(HEARTBEAT_INTERVAL_MS);
    expect(browser.text()).toMatch(/\n:\n\n$/);
    expect(browser.isEnded()).toBe(false);
    under.clock.advance(5 * 60_000 + 1);
    under.tick(HEARTBEAT_INTERVAL_MS);
    expect(browser.isEnded()).toBe(true);
  });

  it("sends its watchers elsewhere when the copy stops", async () => {
    const browser = await open();
    lists.close();
    expect(browser.isEnded()).toBe(true);
    const late = await open();
    expect([late.isEnded(), late.text()]).toEqual([true, expect.stringMatching(/retry: \d+\n\n$/)]);
  });
});
