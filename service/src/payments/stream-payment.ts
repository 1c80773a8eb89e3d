import { setImmediate as nextTurn } from "node:timers/promises";
import { ZodError } from "zod";
import type { BookingView } from "../contract.ts";
import { ServiceError } from "../platform/errors.ts";
import { createBatcher } from "../platform/batcher.ts";
import { oneAtATime } from "../platform/one-at-a-time.ts";
import { HEARTBEAT_INTERVAL_MS, openSse, type SseResponse, type SseStream } from "../platform/sse.ts";
import { subscribeToBooking } from "./payment-events.ts";
import { bookingPaymentStatus, type BookingFile } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { viewBooking } from "./view-booking.ts";

/** A failed booking may still be paid by late money, and an unpaid one may be left open in a tab: neither keeps a stream longer than this. */
const IDLE_STREAM_LIFE_MS = 10 * 60_000;
/** Thousands of heartbeats take half a second. After so many, which take a millisecond, callbacks have their turn. */
const BEATEN_AT_ONCE = 25;
/** How often every open stream is compared with the database, in case Redis lost a message: half of the promised 10 s. */
const REREAD_INTERVAL_MS = 5_000;
/** One query's worth of versions; between two batches, requests have their turn. */
const REREAD_BATCH = 500;
/** One query's worth of bookings, when many pages open or reload at the same moment: it takes a few milliseconds. */
const READ_AT_ONCE = 100;
/** A read takes milliseconds. One that takes longer may be on a connection that has died unnoticed; the next read does not wait for it. */
const READ_PATIENCE_MS = 1_000;
/** One parent has a phone, a laptop and a reload or two; more streams for one booking come from somebody else. */
const MAX_STREAMS_PER_BOOKING = 20;
/**
 * Parents share addresses: a mobile network or a school may stand behind one. A thousand of them who pay at the same time is far more than that, and a
 * fifteenth of what a copy carries, so that no single address can use it up.
 */
const MAX_STREAMS_PER_ADDRESS = 1_000;
/** One process was measured to carry this many, with descriptors left for callbacks and the database. */
const MAX_STREAMS = 15_000;
/** When a copy stops, its streams reconnect to the others, spread over this time. */
const RECONNECT_WITHIN_MS = 3_000;

export type PaymentStreams = {
  /** Reads a booking, in one query with those that are asked for at the same moment. */
  read(bookingId: string): Promise<BookingFile | null>;
  /** Streams a booking's view as it changes. @throws ServiceError `too_many_streams` */
  open(file: BookingFile, watcher: Watcher, response: SseResponse): Promise<void>;
  count(): number;
  /** Tells every browser to reconnect, to another copy, and ends its stream. */
  close(): void;
};

/** `lastSeen`: the version that a reconnecting browser has, or null. */
export type Watcher = { lastSeen: number | null; address: string };

/** `reread` sends what is newer; it resolves when nothing is left to send, and never rejects. */
type OpenStream = { sse: SseStream; bookingId: string; sentVersion: number; openedAtMs: number; reread: () => Promise<void> };

export type StreamDependencies = Pick<PaymentsDependencies, "store" | "hub" | "now" | "logger" | "timers"> &
  Parameters<typeof viewBooking>[0];

/** @param limitAddresses whether an address may open only so many streams */
export function createPaymentStreams(deps: StreamDependencies, { limitAddresses = true } = {}): PaymentStreams {
  const { hub, now, logger, timers } = deps;
  const read = createReader(deps);
  const streams = new Set<OpenStream>();
  const byBooking = new Map<string, number>();
  const byAddress = new Map<string, number>();
  const rereadAll = oneAtATime(() => rereadChanged(deps, streams), logger, "open streams could not be compared with the database");
  const beatAll = oneAtATime(() => beat(streams, now()), logger, "open streams got no heartbeat");
  const endHeartbeat = timers.each(HEARTBEAT_INTERVAL_MS, () => void beatAll());
  const endRereading = timers.each(REREAD_INTERVAL_MS, () => void rereadAll());
  hub.onRecovered(() => void rereadAll());

  let isClosed = false;

  const admit = (bookingId: string, address: string): void => {
    const isFull =
      (byBooking.get(bookingId) ?? 0) >= MAX_STREAMS_PER_BOOKING ||
      (limitAddresses && (byAddress.get(address) ?? 0) >= MAX_STREAMS_PER_ADDRESS) ||
      streams.size >= MAX_STREAMS;
    if (isFull) throw new ServiceError("too_many_streams", { retryAfterMs: 5_000 });
    count(byBooking, bookingId, 1);
    count(byAddress, address, 1);
  };

  return {
    async open(file, watcher, response) {
      const { id: bookingId, version } = file.booking;
      // A version that does not exist yet tells nothing: the database was restored from a backup, or the header was made up.
      const lastSeen = watcher.lastSeen !== null && watcher.lastSeen <= version ? watcher.lastSeen : null;
      if (hasEnded(file, now()) && lastSeen === version) {
        // 204 tells EventSource to stop: there is nothing more to come.
        response.status(204);
        response.end();
        return;
      }
      if (isClosed) {
        reconnectLater(openSse(response));
        return;
      }
      admit(bookingId, watcher.address);
      const sse = openSse(response);
      const stream: OpenStream = { sse, bookingId, sentVersion: lastSeen ?? 0, openedAtMs: now(), reread: async () => undefined };
      stream.reread = oneAtATime(() => sendNewer(stream, { ...deps, read }), logger, "stream could not read its booking");
      streams.add(stream);
      // Subscribe first, then read: a change in between notifies this stream and is not missed.
      const unsubscribe = subscribeToBooking(hub, bookingId, () => void stream.reread());
      sse.onClose(() => {
        streams.delete(stream);
        count(byBooking, bookingId, -1);
        count(byAddress, watcher.address, -1);
        void unsubscribe.then((stop) => stop());
      });
      await unsubscribe;
      void stream.reread();
    },
    read,
    count: () => streams.size,
    close() {
      endHeartbeat();
      endRereading();
      isClosed = true;
      for (const { sse } of streams) reconnectLater(sse);
    },
  };
}

/** Forgets a key at zero, so that the map holds no more than what is open. */
function count(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + change;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}

function reconnectLater(sse: SseStream): void {
  sse.end(Math.random() * RECONNECT_WITHIN_MS);
}

function createReader({ store, timers }: StreamDependencies): PaymentStreams["read"] {
  const readTogether = async (bookingIds: readonly string[]): Promise<PromiseSettledResult<BookingFile | null>[]> => {
    const files = new Map((await store.loadMany([...new Set(bookingIds)])).map((file) => [file.booking.id, file]));
    return bookingIds.map((id) => ({ status: "fulfilled", value: files.get(id) ?? null }));
  };
  const reads = createBatcher<string, BookingFile | null>(
    async (bookingIds) => {
      try {
        return await readTogether(bookingIds);
      } catch (error) {
        // A row that this version does not understand, as a newer copy may write, must not close the other pages' eyes.
        if (error instanceof ZodError) return Promise.allSettled(bookingIds.map((id) => store.load(id)));
        throw error;
      }
    },
    { most: READ_AT_ONCE, patienceMs: READ_PATIENCE_MS, timers },
  );
  return reads.add;
}

async function sendNewer(stream: OpenStream, deps: StreamDependencies & Pick<PaymentStreams, "read">): Promise<void> {
  const { read, now } = deps;
  const { sse } = stream;
  if (sse.closed) return;
  const file = await read(stream.bookingId);
  if (!file) return;
  if (file.booking.version > stream.sentVersion) {
    const view: BookingView = await viewBooking(deps, file);
    sse.send(view.version, JSON.stringify(view));
    stream.sentVersion = view.version;
  }
  const isWatchedInVain = file.attempts.length === 0 && now() - stream.openedAtMs > IDLE_STREAM_LIFE_MS;
  if (isWatchedInVain || hasEnded(file, now())) sse.end();
}

/** Nothing more will happen, or nothing that is worth an open connection. */
function hasEnded(file: BookingFile, nowMs: number): boolean {
  const status = bookingPaymentStatus(file);
  if (status === "paid" || status === "refunded") return true;
  const lastEndMs = Math.max(...file.attempts.map(({ endedAtMs }) => endedAtMs ?? nowMs));
  return (status === "failed" || status === "partial") && nowMs - lastEndMs > IDLE_STREAM_LIFE_MS;
}

async function beat(streams: Set<OpenStream>, nowMs: number): Promise<void> {
  let beaten = 0;
  for (const stream of streams) {
    stream.sse.comment();
    // The read decides: the stream goes on while its booking is being paid, and ends otherwise.
    if (nowMs - stream.openedAtMs > IDLE_STREAM_LIFE_MS) void stream.reread();
    if (++beaten % BEATEN_AT_ONCE === 0) await nextTurn();
  }
}

/** Reads the versions of all bookings that are watched, in batches, and of each batch what changed: at intervals, and when Redis is back. */
async function rereadChanged({ store }: StreamDependencies, streams: Set<OpenStream>): Promise<void> {
  const all = [...streams];
  for (let start = 0; start < all.length; start += REREAD_BATCH) {
    const batch = all.slice(start, start + REREAD_BATCH);
    const versions = await store.versions([...new Set(batch.map(({ bookingId }) => bookingId))]);
    const changed = batch.filter(({ sse, bookingId, sentVersion }) => !sse.closed && (versions.get(bookingId) ?? 0) > sentVersion);
    await Promise.all(changed.map((stream) => stream.reread()));
    await nextTurn();
  }
}
