/**
 * Listens to one booking: an EventSource, and reads in between whenever it is silent where it should not be (blocked, buffered by a proxy,
 * cut off by a phone that changed networks). Both deliver whole views, so nothing is lost in the change from one to the other.
 */
import type { BookingView } from "./contract.ts";
import { parseBookingJson } from "./parse-booking.ts";
import type { Answer } from "./payments-api.ts";

/** The service sends the present view at once; a stream without it by then is blocked or buffered. */
const FIRST_MESSAGE_MS = 4_500;
const POLL_FIRST_MS = 2_000;
const POLL_MAX_MS = 10_000;
const POLL_GROWTH = 1.4;
/** A connection can die without a word, so one that seems to live is checked too. */
const LIVE_CHECK_MS = 20_000;
/** The browser opens a stream again by itself after a broken connection, but not after any other answer than 200: a proxy's 502 ends it for good. */
const REOPEN_FIRST_MS = 2_000;
const REOPEN_MAX_MS = 60_000;
const REOPEN_GROWTH = 2;
/** `EventSource.CLOSED`. */
const CLOSED = 2;
/** Reads are spread by this share, so that many pages do not ask in step. */
const JITTER = 0.2;

export interface PaymentStreamOptions {
  url: string;
  read: () => Promise<Answer>;
  onBooking: (booking: BookingView) => void;
  /** Called with `false` when the service cannot be reached, with `true` when it can again. */
  onReachable: (reachable: boolean) => void;
  EventSource?: typeof EventSource | undefined;
}

export class PaymentStream {
  private readonly options: PaymentStreamOptions;
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private live = false;
  private pollMs = POLL_FIRST_MS;
  private reopenMs = REOPEN_FIRST_MS;
  private reopenAtMs = 0;
  private reads = 0;
  private stopped = false;

  /** Starts at once. */
  constructor(options: PaymentStreamOptions) {
    this.options = options;
    this.open();
    this.schedule(this.source ? FIRST_MESSAGE_MS : 0);
  }

  stop(): void {
    this.stopped = true;
    this.source?.close();
    clearTimeout(this.timer);
  }

  /**
   * The page is seen again or the network is back: asks at once instead of waiting for its turn, and listens anew, since a frozen page's
   * connections may have died without a word.
   */
  wake(): void {
    this.source?.close();
    this.source = undefined;
    this.pollMs = POLL_FIRST_MS;
    this.reopenMs = REOPEN_FIRST_MS;
    this.reopenAtMs = 0;
    this.schedule(0);
  }

  private open(): void {
    const Source = this.options.EventSource;
    if (!Source || this.stopped) return;
    const source = new Source(this.options.url);
    this.live = false;
    this.source = source;
    source.onmessage = ({ data }: MessageEvent<unknown>) => {
      const booking = typeof data === "string" ? parseBookingJson(data) : undefined;
      if (this.stopped || source !== this.source || !booking) return;
      this.live = true;
      this.pollMs = POLL_FIRST_MS;
      this.reopenMs = REOPEN_FIRST_MS;
      this.schedule(LIVE_CHECK_MS);
      this.options.onReachable(true);
      this.options.onBooking(booking);
    };
    // Reads bridge the gap, and the first of them that is late enough opens the stream again.
    source.onerror = () => {
      if (this.stopped || source !== this.source) return;
      if (this.live) this.schedule(0);
      this.live = false;
      if (source.readyState !== CLOSED) return;
      this.source = undefined;
      this.reopenAtMs = Date.now() + this.reopenMs;
      this.reopenMs = Math.min(REOPEN_MAX_MS, this.reopenMs * REOPEN_GROWTH);
    };
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    const spreadMs = delayMs * (1 + JITTER * (Math.random() - 0.5));
    if (!this.stopped) this.timer = setTimeout(() => void this.poll(), spreadMs);
  }

  private async poll(): Promise<void> {
    const read = ++this.reads;
    if (!this.source && Date.now() >= this.reopenAtMs) this.open();
    const answer = await this.options.read();
    if (this.stopped) return;
    if (answer.kind === "booking") this.options.onBooking(answer.booking);
    // A read that was overtaken (it hung while the page was frozen) says nothing about the connection any more.
    if (read !== this.reads) return;
    let waitMs = this.live ? LIVE_CHECK_MS : this.pollMs;
    if (answer.kind === "refused" && answer.retryAfterMs) waitMs = Math.max(waitMs, answer.retryAfterMs);
    this.pollMs = Math.min(POLL_MAX_MS, this.pollMs * POLL_GROWTH);
    this.schedule(waitMs);
    this.options.onReachable(answer.kind !== "lost");
  }
}
