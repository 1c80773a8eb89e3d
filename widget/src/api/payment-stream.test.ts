import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { prompted } from "../../screens/canned-bookings.ts";
import type { BookingView } from "./contract.ts";
import { PaymentStream } from "./payment-stream.ts";
import type { Answer } from "./payments-api.ts";

class FakeEventSource extends EventTarget {
  static made: FakeEventSource[] = [];
  readyState = 0;
  readonly url: string;
  onmessage: ((event: MessageEvent<unknown>) => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(url: string | URL) {
    super();
    this.url = String(url);
    FakeEventSource.made.push(this);
  }
  close(): void {
    this.readyState = 2;
  }
  say(data: unknown): void {
    this.readyState = 1;
    this.onmessage?.(new MessageEvent("message", { data }));
  }
  fail(readyState: 0 | 2): void {
    this.readyState = readyState;
    this.onerror?.();
  }
}

let stream: PaymentStream | undefined;
let reads = 0;
let heard: BookingView[] = [];
let reachable: boolean[] = [];
let answer: Answer;

function start(withEventSource = true): FakeEventSource | undefined {
  stream = new PaymentStream({
    url: "https://pay.example.com/api/payment-status/b1",
    read: () => {
      reads++;
      return Promise.resolve(answer);
    },
    onBooking: (booking) => heard.push(booking),
    onReachable: (value) => reachable.push(value),
    EventSource: withEventSource ? (FakeEventSource as unknown as typeof EventSource) : undefined,
  });
  return FakeEventSource.made.at(-1);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeEventSource.made = [];
  reads = 0;
  heard = [];
  reachable = [];
  answer = { kind: "booking", booking: prompted("b1", 2, 4) };
});
afterEach(() => {
  stream?.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("an open stream", () => {
  it("passes on what it hears and does not read in between", async () => {
    const source = start();
    source?.say(JSON.stringify(prompted("b1", 2, 3)));
    expect(heard.map((view) => view.version)).toEqual([3]);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(reads).toBe(0);
  });

  it("is checked now and then, since a connection can die without a word", async () => {
    start()?.say(JSON.stringify(prompted("b1")));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(reads).toBe(1);
  });

  it("does not hear what is no booking", () => {
    const source = start();
    for (const data of ["", "{}", "<html>", null]) source?.say(data);
    expect(heard).toEqual([]);
  });
});

describe("reading instead", () => {
  it("begins when the stream says nothing for 4.5 s, slows down to 10 s, and ends when the stream speaks", async () => {
    const source = start();
    await vi.advanceTimersByTimeAsync(4_499);
    expect(reads).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reads).toBe(2);
    await vi.advanceTimersByTimeAsync(60_000);
    const before = reads;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reads).toBe(before + 1);
    source?.say(JSON.stringify(prompted("b1")));
    await vi.advanceTimersByTimeAsync(19_000);
    expect(reads).toBe(before + 1);
  });

  it("bridges the gap at once when a stream that spoke breaks off", async () => {
    const source = start();
    source?.say(JSON.stringify(prompted("b1", 2, 3)));
    source?.fail(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(reads).toBe(1);
    expect(heard.at(-1)?.version).toBe(4);
  });

  it("is all there is without EventSource", async () => {
    start(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(reads).toBe(1);
  });

  it("waits as long as the service asks for", async () => {
    answer = { kind: "refused", problem: "too_many", retryAfterMs: 30_000 };
    start(false);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads).toBe(2);
  });

  it("tells when the service cannot be reached and when it can again", async () => {
    answer = { kind: "lost" };
    start(false);
    await vi.advanceTimersByTimeAsync(0);
    answer = { kind: "booking", booking: prompted("b1") };
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reachable).toEqual([false, true]);
  });
});

describe("a stream that a proxy's 502 has closed for good", () => {
  it("is opened again, later each time, and at once after it has spoken", async () => {
    start()?.fail(2);
    const openedAtMs: number[] = [];
    const startedAtMs = Date.now();
    for (let seconds = 0; seconds < 200; seconds++) {
      const before = FakeEventSource.made.length;
      await vi.advanceTimersByTimeAsync(1_000);
      if (FakeEventSource.made.length === before) continue;
      openedAtMs.push(Date.now() - startedAtMs);
      FakeEventSource.made.at(-1)?.fail(2);
    }
    const gapsMs = openedAtMs.map((at, index) => at - (openedAtMs[index - 1] ?? 0));
    expect(gapsMs.length).toBeGreaterThan(4);
    expect(gapsMs).toEqual(gapsMs.toSorted((left, right) => left - right));
    expect(gapsMs.at(-1)).toBeGreaterThanOrEqual(60_000);
    await vi.advanceTimersByTimeAsync(70_000);
    const source = FakeEventSource.made.at(-1);
    source?.say(JSON.stringify(prompted("b1", 2, 8)));
    source?.fail(2);
    const before = FakeEventSource.made.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(FakeEventSource.made.length).toBeGreaterThan(before);
    expect(heard.at(-1)?.version).toBe(4);
  });

  it("is left to the browser while that connects again by itself", async () => {
    start()?.fail(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeEventSource.made).toHaveLength(1);
  });
});

describe("waking", () => {
  it("reads at once, and opens a stream that was closed for good", async () => {
    start()?.fail(2);
    stream?.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(reads).toBe(1);
    expect(FakeEventSource.made).toHaveLength(2);
  });
});

describe("stopping", () => {
  it("closes the stream, reads no more and hears no more", async () => {
    const source = start();
    stream?.stop();
    expect(source?.readyState).toBe(2);
    source?.say(JSON.stringify(prompted("b1")));
    stream?.wake();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([reads, heard.length]).toEqual([0, 0]);
  });
});
