import type { BookingView } from "../contract.ts";
import { ServiceError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { HEARTBEAT_INTERVAL_MS, openSse, type SseResponse, type SseStream } from "../platform/sse.ts";
import { subscribeToBooking } from "./payment-events.ts";
import { bookingPaymentStatus, type BookingFile } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import type { PaymentStore } from "./store/payment-store.ts";
import { viewBooking } from "./view-booking.ts";

/** A failed booking may still be paid by late money, and an unpaid one may be left open in a tab: neither keeps a stream longer than this. */
const IDLE_STREAM_LIFE_MS = 10 * 60_000;
/** How often every open stream is compared with the database, in case Redis lost a message: half of the promised 10 s. */
const REREAD_INTERVAL_MS = 5_000;
const REREAD_BATCH = 500;
/** One parent has a phone, a laptop and a reload or two; more streams for one booking come from somebody else. */
const MAX_STREAMS_PER_BOOKING = 20;
/** One process was measured to carry this many, with descriptors left for callbacks and the database. */
const MAX_STREAMS = 15_000;
/** When a copy stops, its streams reconnect to the others, spread over this time. */
const RECONNECT_WITHIN_MS = 3_000;

export type PaymentStreams = {
  /** Streams a booking's view as it changes. `lastSeen`: the version that a reconnecting browser has, or null. */
  open(file: BookingFile, lastSeen: number | null, response: SseResponse): Promise<void>;
  count(): number;
  /** Tells every browser to reconnect, to another copy, and ends its stream. */
  close(): void;
};

type OpenStream = { sse: SseStream; bookingId: string; sentVersion: number; openedAtMs: number; reread: () => void };

export function createPaymentStreams(deps: PaymentsDependencies): PaymentStreams {
  const { store, hub, now, logger, timers } = deps;
  const streams = new Set<OpenStream>();
  const byBooking = new Map<string, number>();
  const endHeartbeat = timers.each(HEARTBEAT_INTERVAL_MS, () => beat(streams, now()));
  const endRereading = timers.each(REREAD_INTERVAL_MS, () => void rereadAll(store, streams, logger));

  let isClosed = false;

  const admit = (bookingId: string): void => {
    const open = byBooking.get(bookingId) ?? 0;
    if (open >= MAX_STREAMS_PER_BOOKING || streams.size >= MAX_STREAMS) throw new ServiceError("too_many_streams", { retryAfterMs: 5_000 });
    byBooking.set(bookingId, open + 1);
  };
  const dismiss = (bookingId: string): void => {
    const open = (byBooking.get(bookingId) ?? 1) - 1;
    if (open > 0) byBooking.set(bookingId, open);
    else byBooking.delete(bookingId);
  };

  return {
    async open(file, lastEventId, response) {
      const { id: bookingId, version } = file.booking;
      // A version that does not exist yet tells nothing: the database was restored from a backup, or the header was made up.
      const lastSeen = lastEventId !== null && lastEventId <= version ? lastEventId : null;
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
      admit(bookingId);
      const sse = openSse(response);
      const stream: OpenStream = { sse, bookingId, sentVersion: lastSeen ?? 0, openedAtMs: now(), reread: () => undefined };
      stream.reread = oneAtATime(() => sendNewer(stream, deps), logger);
      streams.add(stream);
      // Subscribe first, then read: a change in between notifies this stream and is not missed.
      const unsubscribe = subscribeToBooking(hub, bookingId, stream.reread);
      sse.onClose(() => {
        streams.delete(stream);
        dismiss(bookingId);
        void unsubscribe.then((stop) => stop());
      });
      await unsubscribe;
      stream.reread();
    },
    count: () => streams.size,
    close() {
      endHeartbeat();
      endRereading();
      isClosed = true;
      for (const { sse } of streams) reconnectLater(sse);
    },
  };
}

function reconnectLater(sse: SseStream): void {
  sse.end(Math.random() * RECONNECT_WITHIN_MS);
}

async function sendNewer(stream: OpenStream, deps: PaymentsDependencies): Promise<void> {
  const { store, now } = deps;
  const { sse } = stream;
  if (sse.closed) return;
  const file = await store.load(stream.bookingId);
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

/** However many notifications come during a read, one more read follows it. */
function oneAtATime(read: () => Promise<void>, logger: Logger): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      await read().catch((error: unknown) => logger.warn({ err: error }, "stream could not read its booking; retried in a few seconds"));
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}

function beat(streams: Set<OpenStream>, nowMs: number): void {
  for (const stream of streams) {
    stream.sse.comment();
    // The read decides: the stream goes on while its booking is being paid, and ends otherwise.
    if (nowMs - stream.openedAtMs > IDLE_STREAM_LIFE_MS) stream.reread();
  }
}

async function rereadAll(store: PaymentStore, streams: Set<OpenStream>, logger: Logger): Promise<void> {
  const all = [...streams];
  for (let start = 0; start < all.length; start += REREAD_BATCH) {
    const batch = all.slice(start, start + REREAD_BATCH);
    try {
      const versions = await store.versions([...new Set(batch.map(({ bookingId }) => bookingId))]);
      for (const stream of batch) if ((versions.get(stream.bookingId) ?? 0) > stream.sentVersion) stream.reread();
    } catch (error) {
      logger.warn({ err: error }, "open streams could not be compared with the database; retried in a few seconds");
      return;
    }
  }
}
