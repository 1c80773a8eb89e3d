import { describe, expect, it } from "vitest";
import type { BookingView } from "../contract.ts";
import type { Booking } from "../bookings/booking.ts";
import type { Listener } from "../platform/channel-hub.ts";
import type { SseResponse } from "../platform/sse.ts";
import { testClock, testLogger } from "../platform/testing.ts";
import { systemTimers } from "../platform/timers.ts";
import { createFakePaymentStore } from "./store/fake-payment-store.ts";
import { FakeTables } from "./store/fake-tables.ts";
import { createPaymentStreams, type StreamDependencies } from "./stream-payment.ts";
import { newBooking } from "./testing.ts";

/** As much of a browser as the streams see. */
class FakeBrowser implements SseResponse {
  readonly destroyed = false;
  readonly writableLength = 0;
  readonly socket = null;
  readonly versions: number[] = [];
  #close: Listener = () => undefined;
  readonly #onEvent: () => void;

  constructor(onEvent: () => void) {
    this.#onEvent = onEvent;
  }
  status(): void {}
  set(): void {}
  getHeaderNames(): string[] {
    return [];
  }
  removeHeader(): void {}
  end(): void {}
  destroy(): void {}
  write(text: string): void {
    const [, version] = /^id: (\d+)\n/.exec(text) ?? [];
    if (version === undefined) return;
    this.versions.push(Number(version));
    this.#onEvent();
  }
  on(_event: "close", listener: Listener): void {
    this.#close = listener;
  }
  leave(): void {
    this.#close();
  }
}

function setUp(options: { limitAddresses?: boolean } = {}) {
  const tables = new FakeTables();
  const recover: Listener[] = [];
  const statements = { versions: 0, loads: 0, loadsAtOnce: 0, mostLoadsAtOnce: 0 };
  const store = createFakePaymentStore(tables, {
    async run(name, _about, work) {
      if (name === "read versions") statements.versions += 1;
      else statements.loads += 1;
      statements.mostLoadsAtOnce = Math.max(statements.mostLoadsAtOnce, ++statements.loadsAtOnce);
      await new Promise((resolve) => setImmediate(resolve));
      statements.loadsAtOnce -= 1;
      return work();
    },
  });
  let onEvent = (): void => undefined;
  const deps: StreamDependencies = {
    store,
    hub: {
      publish: async () => undefined,
      subscribe: async () => () => undefined,
      onRecovered: (listener) => void recover.push(listener),
      close: async () => undefined,
    },
    now: testClock().now,
    logger: testLogger().logger,
    timers: { ...systemTimers, each: () => () => undefined },
    // Of a view, these tests look at its version only.
    toBookingView: ({ booking }) => ({ version: booking.version }) as BookingView,
    paybillOf: async () => null,
    accounts: { ofSite: async () => null, ofPayment: async () => null, ofShortcode: async () => null, isUnreadable: async () => false },
    receiptChecks: {} as StreamDependencies["receiptChecks"],
  };
  const streams = createPaymentStreams(deps, options);
  return {
    tables,
    statements,
    streams,
    recover: () => recover.forEach((listener) => listener()),
    /** Resolves once browsers have received so many events, from now on. */
    events: (expected: number) =>
      new Promise<void>((resolve) => {
        let received = 0;
        onEvent = () => {
          received += 1;
          if (received === expected) resolve();
        };
      }),
    async open(booking: Booking, address = "192.0.2.1", lastSeen: number | null = null): Promise<FakeBrowser> {
      tables.bookings.set(booking.id, booking);
      const browser = new FakeBrowser(() => onEvent());
      await streams.open({ booking, attempts: [] }, { lastSeen, address }, browser);
      return browser;
    },
  };
}

describe("when Redis is back", () => {
  it("one query reads the versions of 500 bookings, and one at a time those of them that changed", async () => {
    const { tables, statements, open, recover, events } = setUp();
    const bookings = Array.from({ length: 1_200 }, () => newBooking());
    const opened = events(bookings.length);
    const browsers = await Promise.all(bookings.map((booking, index) => open(booking, `192.0.2.${index % 200}`)));
    await opened;

    const changed = bookings.filter((_, index) => index % 10 === 0);
    for (const booking of changed) tables.bookings.set(booking.id, { ...booking, version: 2 });
    Object.assign(statements, { versions: 0, loads: 0, mostLoadsAtOnce: 0 });
    const seen = events(changed.length);
    recover();
    await seen;
    expect(browsers.map(({ versions }) => versions)).toEqual(bookings.map((_, index) => (index % 10 === 0 ? [1, 2] : [1])));
    expect(statements.versions).toBe(3);
    expect(statements.mostLoadsAtOnce).toBe(1);
    // 50, 50 and 20 bookings, each time bookings and attempts.
    expect(statements.loads).toBe(6);
  });

  it("a request has its turn before the last stream is read", async () => {
    const { tables, open, recover, events } = setUp();
    const bookings = Array.from({ length: 1_000 }, () => newBooking());
    const opened = events(bookings.length);
    const browsers = await Promise.all(bookings.map((booking, index) => open(booking, `192.0.2.${index % 200}`)));
    await opened;
    for (const booking of bookings) tables.bookings.set(booking.id, { ...booking, version: 2 });
    const seen = events(bookings.length);
    recover();
    const late = newBooking();
    await open(late, "198.51.100.1");
    expect(browsers.some(({ versions }) => !versions.includes(2))).toBe(true);
    await seen;
  });
});

it("pages that open at the same moment are read together", async () => {
  const { statements, open, events } = setUp();
  const opened = events(1_000);
  await Promise.all(Array.from({ length: 1_000 }, (_, index) => open(newBooking(), `192.0.2.${index % 200}`)));
  await opened;
  expect(statements.mostLoadsAtOnce).toBe(1);
  // At most 100 bookings each time; bookings and attempts.
  expect(statements.loads).toBe(20);
});

describe("open streams are limited", () => {
  const refused = expect.objectContaining({ code: "too_many_streams", status: 503, extras: { retryAfterMs: 5_000 } });

  it("to 20 for a booking", async () => {
    const { open } = setUp();
    const booking = newBooking();
    const browsers = [];
    for (let count = 0; count < 20; count++) browsers.push(await open(booking, `192.0.2.${count}`));
    await expect(open(booking, "198.51.100.1")).rejects.toEqual(refused);
    browsers[0]?.leave();
    await open(booking, "198.51.100.1");
  });

  it("to 1,000 for an address: another one may still open streams, and so may this one when one has closed", async () => {
    const { open, streams } = setUp();
    const browsers = [];
    for (let count = 0; count < 1_000; count++) browsers.push(await open(newBooking(), "198.51.100.1"));
    await expect(open(newBooking(), "198.51.100.1")).rejects.toEqual(refused);
    await open(newBooking(), "198.51.100.2");
    browsers[0]?.leave();
    await open(newBooking(), "198.51.100.1");
    expect(streams.count()).toBe(1_001);
  });

  it("not by address, if LIMIT_ADDRESS is turned off", async () => {
    const { open, streams } = setUp({ limitAddresses: false });
    for (let count = 0; count < 1_001; count++) await open(newBooking(), "198.51.100.1");
    expect(streams.count()).toBe(1_001);
  });
});
