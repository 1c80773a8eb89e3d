import { ServiceError } from "../../platform/errors.ts";
import { oneAtATime } from "../../platform/one-at-a-time.ts";
import { HEARTBEAT_INTERVAL_MS, openSse, type SseResponse, type SseStream } from "../../platform/sse.ts";
import { subscribeToBooking } from "../../payments/payment-events.ts";
import { amountPaidKes, bookingPaymentStatus, isOpen, type BookingFile } from "../../payments/payment.ts";
import type { LiveEvent } from "../owners-contract.ts";
import type { OwnersDependencies } from "../owners-dependencies.ts";
import type { LiveStore } from "./live-store.ts";

/** As many bookings as a screen shows. */
const SHOWN = 30;
/** How soon a payment that has just begun is seen. Its outcome is notified, and seen at once. */
const REREAD_INTERVAL_MS = 2_000;
/** Somebody has a phone and a laptop, and a few pages open on each. */
const MAX_STREAMS_PER_WATCHER = 10;
/** Far more than the staff of a school. Parents' streams must keep their room. */
const MAX_STREAMS_PER_SITE = 100;
const MAX_STREAMS = 1_000;
/** The browser reconnects then, and is asked again who it is: whoever was signed out or dismissed sees no more. */
const STREAM_LIFE_MS = 2 * 60_000;
/** When a copy stops, its streams reconnect to the others, spread over this time. */
const RECONNECT_WITHIN_MS = 3_000;

export type LiveLists = {
  /**
   * Streams a site's newest bookings, and each of their changes.
   * @param watcher who watches, for the limit
   * @throws ServiceError `too_many_streams`
   */
  open(siteId: string, watcher: string, response: SseResponse): Promise<void>;
  count(): number;
  /** Tells every browser to reconnect, to another copy, and ends its stream. */
  close(): void;
};

type Watching = { sse: SseStream; watcher: string; openedAtMs: number; hasAll: boolean };
/** One site that somebody watches. Its bookings are read once for all of its streams. `known`: the versions that the streams have. */
type Watched = {
  siteId: string;
  streams: Set<Watching>;
  known: Map<string, number>;
  subscribed: Map<string, Promise<() => void>>;
  reread: () => Promise<void>;
};

export function createLiveLists(deps: Pick<OwnersDependencies, "payments" | "now" | "timers" | "logger"> & { live: LiveStore }): LiveLists {
  const { timers, now, logger } = deps;
  const sites = new Map<string, Watched>();
  let isClosed = false;
  const all = (): Watching[] => [...sites.values()].flatMap(({ streams }) => [...streams]);

  const watch = (siteId: string): Watched => {
    const known = sites.get(siteId);
    if (known) return known;
    const watched: Watched = { siteId, streams: new Set(), known: new Map(), subscribed: new Map(), reread: async () => undefined };
    watched.reread = oneAtATime(() => sendChanges(deps, watched), logger, "a live list could not be read");
    sites.set(siteId, watched);
    return watched;
  };
  const leave = (watched: Watched, stream: Watching): void => {
    watched.streams.delete(stream);
    if (watched.streams.size > 0) return;
    sites.delete(watched.siteId);
    follow(deps, watched, new Set());
  };
  const endHeartbeat = timers.each(HEARTBEAT_INTERVAL_MS, () => {
    for (const { sse, openedAtMs } of all()) {
      if (now() - openedAtMs > STREAM_LIFE_MS) sse.end();
      else sse.comment();
    }
  });
  const endRereading = timers.each(REREAD_INTERVAL_MS, () => {
    for (const watched of sites.values()) void watched.reread();
  });

  return {
    async open(siteId, watcher, response) {
      if (isClosed) {
        openSse(response).end(Math.random() * RECONNECT_WITHIN_MS);
        return;
      }
      const open = all();
      const ofWatcher = open.filter((stream) => stream.watcher === watcher).length;
      const ofSite = sites.get(siteId)?.streams.size ?? 0;
      if (ofWatcher >= MAX_STREAMS_PER_WATCHER || ofSite >= MAX_STREAMS_PER_SITE || open.length >= MAX_STREAMS)
        throw new ServiceError("too_many_streams", { retryAfterMs: 5_000 });
      const stream: Watching = { sse: openSse(response), watcher, openedAtMs: now(), hasAll: false };
      const watched = watch(siteId);
      watched.streams.add(stream);
      stream.sse.onClose(() => leave(watched, stream));
      await watched.reread();
    },
    count: () => all().length,
    close() {
      endHeartbeat();
      endRereading();
      isClosed = true;
      for (const { sse } of all()) sse.end(Math.random() * RECONNECT_WITHIN_MS);
    },
  };
}

type Deps = Parameters<typeof createLiveLists>[0];

async function sendChanges(deps: Deps, watched: Watched): Promise<void> {
  const files = await deps.live.newest(watched.siteId, SHOWN);
  // Whoever is new gets all of them, and the others what is new to them.
  const newcomers = [...watched.streams].filter(({ hasAll }) => !hasAll);
  const others = [...watched.streams].filter(({ hasAll }) => hasAll);
  const events = files.map(toEvent).toSorted((left, right) => left.event.at - right.event.at);
  for (const { event, version } of events) {
    const isNew = version > (watched.known.get(event.bookingId) ?? 0);
    for (const { sse } of isNew ? [...others, ...newcomers] : newcomers) sse.send(event.at, JSON.stringify(event));
  }
  for (const stream of newcomers) stream.hasAll = true;
  watched.known = new Map(files.map(({ booking }) => [booking.id, booking.version]));
  const open = files.filter(({ attempts }) => attempts.some(isOpen)).map(({ booking }) => booking.id);
  follow(deps, watched, watched.streams.size > 0 ? new Set(open) : new Set());
}

/** Is notified of the bookings that are being paid, and of no others. */
function follow({ payments }: Deps, watched: Watched, bookingIds: ReadonlySet<string>): void {
  for (const [id, subscribed] of watched.subscribed) {
    if (bookingIds.has(id)) continue;
    watched.subscribed.delete(id);
    void subscribed.then((stop) => stop());
  }
  for (const id of bookingIds)
    if (!watched.subscribed.has(id))
      watched.subscribed.set(
        id,
        subscribeToBooking(payments.hub, id, () => void watched.reread()),
      );
}

function toEvent(file: BookingFile): { event: LiveEvent; version: number } {
  const { booking, attempts } = file;
  const times = attempts.flatMap(({ requestedAtMs, endedAtMs }) => [requestedAtMs, endedAtMs ?? requestedAtMs]);
  const event: LiveEvent = {
    bookingId: booking.id,
    reference: booking.reference,
    parentName: booking.parentName,
    payment_status: bookingPaymentStatus(file),
    booking_status: booking.status,
    amount: booking.amountKes,
    amountPaid: amountPaidKes(attempts),
    at: Math.max(booking.createdAtMs, ...times),
  };
  return { event, version: booking.version };
}
