import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bookingViewSchema } from "../contract.ts";
import { describeOnEachDatabase } from "../platform/testing.ts";
import { HEARTBEAT_INTERVAL_MS } from "../platform/sse.ts";
import { newBrowser, type Browser } from "../platform/sse-browser.ts";
import type { Attempt, BookingFile } from "./payment.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { recordOutcome } from "./record-outcome.ts";
import { createPaymentStreams, type PaymentStreams } from "./stream-payment.ts";
import { insertTestSite, newChange, newId } from "./testing.ts";

const REREAD_INTERVAL_MS = 5_000;
const TEN_MINUTES_MS = 10 * 60_000;

describeOnEachDatabase("a booking's stream", (database) => {
  let under: PaymentsUnderTest;
  let streams: PaymentStreams;
  beforeAll(() => insertTestSite(database()));
  beforeEach(() => {
    under = paymentsUnderTest(database());
    streams = createPaymentStreams(under.deps);
  });
  const open = async (booking: { id: string }, lastSeen: number | null = null): Promise<Browser> => {
    const browser = newBrowser();
    await streams.open(await under.fileOf(booking), { lastSeen, address: "192.0.2.1" }, browser.response);
    return browser;
  };
  const pay = (attempt: Pick<Attempt, "id">) =>
    recordOutcome(under.deps, {
      attemptId: attempt.id,
      event: { type: "paid", receipt: newId("UK"), paidAtMs: null, checkoutRequestId: null },
      source: "callback",
    });
  /** Changes the booking without a message, as if Redis had lost it. */
  const changeSilently = async (booking: { id: string }, facts: Partial<Attempt> = {}): Promise<BookingFile> => {
    const { booking: present, attempts } = await under.fileOf(booking);
    const before = attempts.at(-1);
    if (!before) throw new Error("no attempt");
    await under.deps.store.commit(newChange(present, { ...before, ...facts }, { before }));
    return under.fileOf(booking);
  };

  it("sends an outcome when it is notified, without polling", async () => {
    const { booking, attempt } = await under.begun({ status: "prompted" });
    const browser = await open(booking);
    await expect.poll(browser.ids).toEqual([2]);
    await pay(attempt);
    await expect.poll(browser.ids).toEqual([2, 3]);
    expect(browser.text()).toContain('"payment_status":"paid"');
    expect(browser.isEnded()).toBe(true);
  });

  it("gets its heartbeat with all others, a few at a time, so that callbacks have their turn", async () => {
    const browsers: Browser[] = [];
    for (let bookings = 0; bookings < 4; bookings += 1) {
      const { booking } = await under.begun({ status: "prompted" });
      for (let pages = 0; pages < 20; pages += 1) browsers.push(await open(booking));
    }
    const beaten = (): number => browsers.filter(({ text }) => text().includes(":\n\n")).length;
    under.tick(HEARTBEAT_INTERVAL_MS);
    expect(beaten()).toBe(25);
    await expect.poll(beaten).toBe(80);
  });

  it("sends what changes before the subscription is active", async () => {
    const { booking } = await under.begun({ status: "prompted" });
    const { hub } = under.deps;
    streams = createPaymentStreams({
      ...under.deps,
      hub: {
        ...hub,
        async subscribe(channel, listener) {
          // Messages published before Redis confirms the subscription reach nobody.
          await changeSilently(booking, { status: "paid", receipt: newId("UK"), resultCode: "0" });
          return hub.subscribe(channel, listener);
        },
      },
    });
    const browser = await open(booking);
    await expect.poll(browser.isEnded).toBe(true);
    expect(browser.text()).toContain('"payment_status":"paid"');
  });

  it("finds a lost notification within five seconds, and sends the change once", async () => {
    const { booking } = await under.begun({ status: "prompted" });
    const browser = await open(booking);
    await expect.poll(browser.ids).toEqual([2]);
    await changeSilently(booking);
    under.tick(REREAD_INTERVAL_MS);
    await expect.poll(browser.ids).toEqual([2, 3]);
    under.tick(REREAD_INTERVAL_MS);
    await changeSilently(booking, { status: "paid", receipt: newId("UK") });
    under.tick(REREAD_INTERVAL_MS);
    await expect.poll(browser.isEnded).toBe(true);
    expect(browser.ids()).toEqual([2, 3, 4]);
  });

  it("reads again if it is notified during a read", async () => {
    const { booking, attempt } = await under.begun({ status: "prompted" });
    const { store } = under.deps;
    let loads = 0;
    const whileItReads = {
      ...under.deps,
      store: {
        ...store,
        loadMany: async (ids: readonly string[]) => {
          const files = await store.loadMany(ids);
          // The outcome is committed after this read and before it is sent.
          if (++loads === 1) await pay(attempt);
          return files;
        },
      },
    };
    streams = createPaymentStreams(whileItReads);
    const browser = await open(booking);
    await expect.poll(browser.isEnded).toBe(true);
    expect(browser.ids()).toEqual([2, 3]);
  });

  it("is not disturbed by another booking that cannot be read", async () => {
    const [mine, other] = [await under.begun({ status: "prompted" }), await under.begun({ status: "prompted" })];
    await database().knex("payments").where({ id: other.attempt.id }).update({ reason: "not_known_yet" });
    const read = [streams.read(mine.booking.id), streams.read(other.booking.id)];
    await expect(read[0]).resolves.toMatchObject({ booking: { id: mine.booking.id } });
    await expect(read[1]).rejects.toThrow("reason");
  });

  describe("for a browser that reconnects", () => {
    it("skips the versions that it has", async () => {
      const { booking } = await under.begun({ status: "prompted" });
      const browser = await open(booking, 2);
      await changeSilently(booking);
      under.tick(REREAD_INTERVAL_MS);
      await expect.poll(browser.ids).toEqual([3]);
    });

    it("answers 204 only if the browser has the last version", async () => {
      const { booking } = await under.begun({ status: "paid", receipt: newId("UK"), resultCode: "0" });
      const knows = await open(booking, 2);
      expect([knows.status(), knows.isEnded(), knows.text()]).toEqual([204, true, ""]);
      for (const lastSeen of [null, 1, 3]) {
        const browser = await open(booking, lastSeen);
        await expect.poll(browser.isEnded).toBe(true);
        expect([browser.status(), browser.ids()]).toEqual([200, [2]]);
      }
    });
  });

  describe("ends", () => {
    it.each(["paid", "refunded"] as const)("after the view of a %s booking", async (status) => {
      const { booking } = await under.begun({ status, receipt: newId("UK"), resultCode: "0" }, { status: "booked" });
      const browser = await open(booking);
      await expect.poll(browser.isEnded).toBe(true);
      expect(browser.ids()).toEqual([2]);
    });

    it("ten minutes after a failure, not at once", async () => {
      const { booking } = await under.begun({ status: "failed", reason: "cancelled", endedAtMs: under.clock.now() });
      const browser = await open(booking);
      await expect.poll(browser.ids).toEqual([2]);
      under.clock.advance(TEN_MINUTES_MS);
      await changeSilently(booking);
      under.tick(REREAD_INTERVAL_MS);
      await expect.poll(browser.ids).toEqual([2, 3]);
      expect(browser.isEnded()).toBe(false);
      under.clock.advance(1);
      under.tick(HEARTBEAT_INTERVAL_MS);
      await expect.poll(browser.isEnded).toBe(true);
    });

    it("if nobody starts to pay within ten minutes", async () => {
      const booking = await under.inserted();
      const browser = await open(booking);
      await expect.poll(browser.ids).toEqual([1]);
      under.clock.advance(TEN_MINUTES_MS + 1);
      under.tick(HEARTBEAT_INTERVAL_MS);
      await expect.poll(browser.isEnded).toBe(true);
    });

    it("not while an attempt is open", async () => {
      const { booking } = await under.begun({ status: "confirming" });
      const browser = await open(booking);
      under.clock.advance(10 * TEN_MINUTES_MS);
      under.tick(HEARTBEAT_INTERVAL_MS);
      await changeSilently(booking);
      under.tick(REREAD_INTERVAL_MS);
      await expect.poll(() => browser.ids().at(-1)).toBe(3);
      expect(browser.isEnded()).toBe(false);
      expect(browser.text()).toContain(":\n\n");
    });

    it("when the copy stops, with a reconnect delay of up to three seconds, also for new streams", async () => {
      const { booking } = await under.begun({ status: "prompted" });
      const browser = await open(booking);
      await expect.poll(browser.ids).toEqual([2]);
      streams.close();
      const late = await open(booking);
      for (const { text, isEnded } of [browser, late]) {
        expect(isEnded()).toBe(true);
        const retryMs = Number(/retry: (\d+)\n\n$/.exec(text())?.[1]);
        expect(retryMs).toBeLessThanOrEqual(3_000);
      }
      expect(late.ids()).toEqual([]);
    });
  });

  it("is refused if twenty are open for the booking, until one closes", async () => {
    const { booking } = await under.begun({ status: "prompted" });
    const browsers = await Promise.all(Array.from({ length: 20 }, () => open(booking)));
    await expect(open(booking)).rejects.toMatchObject({ code: "too_many_streams", extras: { retryAfterMs: 5_000 } });
    const other = await under.inserted();
    await open(other);
    expect(streams.count()).toBe(21);
    browsers[0]?.hangUp();
    expect(streams.count()).toBe(20);
    await open(booking);
    await expect(open(booking)).rejects.toMatchObject({ code: "too_many_streams" });
  });

  it("unsubscribes when the browser disconnects", async () => {
    const { booking } = await under.begun({ status: "prompted" });
    const { hub } = under.deps;
    let subscribed = 0;
    streams = createPaymentStreams({
      ...under.deps,
      hub: {
        ...hub,
        async subscribe(channel, listener) {
          const stop = await hub.subscribe(channel, listener);
          subscribed += 1;
          return () => {
            subscribed -= 1;
            stop();
          };
        },
      },
    });
    const browser = await open(booking);
    expect([subscribed, streams.count()]).toEqual([1, 1]);
    browser.hangUp();
    await expect.poll(() => subscribed).toBe(0);
    expect(streams.count()).toBe(0);
  });

  it("sends complete views", async () => {
    const { booking } = await under.begun({ status: "prompted" });
    const browser = await open(booking);
    await expect.poll(browser.ids).toEqual([2]);
    const data = /^data: (.*)$/m.exec(browser.text())?.[1] ?? "";
    expect(bookingViewSchema.parse(JSON.parse(data))).toMatchObject({ bookingId: booking.id, version: 2, payment_status: "pending" });
  });
});
