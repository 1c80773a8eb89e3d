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

/**
 * A browser opens six connections to one origin over HTTP/1.1, for all of its tabs together, and a stream holds one as long as it lives: with a few
 * cards on a page no request would get through. So one card of a page has a stream, in a page that is seen, and the others read.
 */
const page: { streaming: PaymentStream | undefined } = { streaming: undefined };

export interface PaymentStreamOptions {
  url: string;
  read: () => Promise<Answer>;
  onBooking: (booking: BookingView) => void;
  /** Called with `false` when the service cannot be reached, with `true` when it can again. */
  onReachable: (reachable: boolean) => void;
  EventSource?: typeof EventSource | undefined;
  /** The page is in the background. */
  isHidden?: () => boolean;
}

export class PaymentStream {
  readonly #options: PaymentStreamOptions;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #live = false;
  #pollMs = POLL_FIRST_MS;
  #reopenMs = REOPEN_FIRST_MS;
  #reopenAtMs = 0;
  #reads = 0;
  #stopped = false;
  #urgent = false;

  /** Starts at once. */
  constructor(options: PaymentStreamOptions) {
    this.#options = options;
    this.#open();
    this.#schedule(this.#source ? FIRST_MESSAGE_MS : 0);
  }

  stop(): void {
    this.#stopped = true;
    this.#closeSource();
    clearTimeout(this.#timer);
  }

  /** A parent waits for this booking's news: it has the page's stream before those that only may have some. */
  setUrgent(urgent: boolean): void {
    const isNew = urgent && !this.#urgent;
    this.#urgent = urgent;
    if (isNew && !this.#source && page.streaming && !this.#options.isHidden?.()) this.#takeOver();
  }

  /**
   * The page is seen again or the network is back: asks at once instead of waiting for its turn, and listens anew, since a frozen page's
   * connections may have died without a word.
   */
  wake(): void {
    this.#closeSource();
    this.#pollMs = POLL_FIRST_MS;
    this.#reopenMs = REOPEN_FIRST_MS;
    this.#reopenAtMs = 0;
    this.#schedule(0);
  }

  #closeSource(): void {
    this.#source?.close();
    this.#source = undefined;
    this.#live = false;
    if (page.streaming === this) page.streaming = undefined;
  }

  /** The page's stream goes to this booking; the one that had it reads from now on. */
  #takeOver(): void {
    if (page.streaming) {
      page.streaming.#schedule(0);
      page.streaming.#closeSource();
    }
    this.#open();
  }

  #open(): void {
    const Source = this.#options.EventSource;
    if (!Source || this.#stopped || this.#options.isHidden?.()) return;
    if (page.streaming && page.streaming !== this) {
      if (this.#urgent && !page.streaming.#urgent) this.#takeOver();
      return;
    }
    page.streaming = this;
    const source = new Source(this.#options.url);
    this.#live = false;
    this.#source = source;
    source.onmessage = ({ data }: MessageEvent<unknown>) => {
      const booking = typeof data === "string" ? parseBookingJson(data) : undefined;
      if (this.#stopped || source !== this.#source || !booking) return;
      this.#live = true;
      this.#pollMs = POLL_FIRST_MS;
      this.#reopenMs = REOPEN_FIRST_MS;
      this.#schedule(LIVE_CHECK_MS);
      this.#options.onReachable(true);
      this.#options.onBooking(booking);
    };
    // Reads bridge the gap, and the first of them that is late enough opens the stream again.
    source.onerror = () => {
      if (this.#stopped || source !== this.#source) return;
      if (this.#live) this.#schedule(0);
      this.#live = false;
      if (source.readyState !== CLOSED) return;
      this.#closeSource();
      this.#reopenAtMs = Date.now() + this.#reopenMs;
      this.#reopenMs = Math.min(REOPEN_MAX_MS, this.#reopenMs * REOPEN_GROWTH);
    };
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    const spreadMs = delayMs * (1 + JITTER * (Math.random() - 0.5));
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#poll(), spreadMs);
  }

  async #poll(): Promise<void> {
    const read = ++this.#reads;
    if (this.#options.isHidden?.()) this.#closeSource();
    if (!this.#source && Date.now() >= this.#reopenAtMs) this.#open();
    const answer = await this.#options.read();
    if (this.#stopped) return;
    if (answer.kind === "booking") this.#options.onBooking(answer.booking);
    // A read that was overtaken (it hung while the page was frozen) says nothing about the connection any more.
    if (read !== this.#reads) return;
    let waitMs = this.#live ? LIVE_CHECK_MS : this.#pollMs;
    if (answer.kind === "refused" && answer.retryAfterMs) waitMs = Math.max(waitMs, answer.retryAfterMs);
    this.#pollMs = Math.min(POLL_MAX_MS, this.#pollMs * POLL_GROWTH);
    this.#schedule(waitMs);
    this.#options.onReachable(answer.kind !== "lost");
  }
}
