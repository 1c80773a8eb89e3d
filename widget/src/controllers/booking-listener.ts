import { PaymentStream } from "../api/payment-stream.ts";
import type { PaymentStreamOptions } from "../api/payment-stream.ts";
import type { PaymentsApi } from "../api/payments-api.ts";
import { attemptOf, awaitsNews, isKnown, isOpen } from "../checkout/checkout-state.ts";
import type { CheckoutState } from "../checkout/checkout-state.ts";

/**
 * Money may arrive, or a receipt, for this long after a prompt was sent. The service keeps the stream of a failed payment open for ten minutes, and
 * a payment fails within two.
 */
const LATE_MONEY_MS = 12 * 60_000;
/** A timer cannot be longer. */
const TIMER_MAX_MS = 2 ** 31 - 1;

type Callbacks = Pick<PaymentStreamOptions, "read" | "onBooking" | "onReachable">;

/** For how much longer something may happen that this page has not caused. */
function newsForMs(state: CheckoutState, nowMs: number): number {
  if (!isKnown(state) || !awaitsNews(state)) return 0;
  const requestedAt = attemptOf(state.booking);
  const mayEnd = /^(failed|ready|paid|lapsed|cancelled)$/.test(state.name) && !isOpen(state.booking);
  return mayEnd && requestedAt !== undefined ? requestedAt - state.skewMs + LATE_MONEY_MS - nowMs : TIMER_MAX_MS;
}

/** Listens for news of a booking as long as some may come. */
export class BookingListener {
  readonly #callbacks: Callbacks;
  #stream: PaymentStream | undefined;
  /** The service's stream ends with the payment; its receipt, when that comes later, is found by reading. */
  #onlyReads = false;
  #endTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
  }

  get isListening(): boolean {
    return this.#stream !== undefined;
  }

  /** Starts and stops, as the state needs it. */
  follow(state: CheckoutState, api: PaymentsApi | undefined): void {
    const forMs = Math.min(newsForMs(state, Date.now()), TIMER_MAX_MS);
    const onlyReads = state.name === "paid";
    if (onlyReads !== this.#onlyReads) this.stop();
    this.#onlyReads = onlyReads;
    if (!api || !isKnown(state) || forMs <= 0) return this.stop();
    this.#stream ??= new PaymentStream({
      ...this.#callbacks,
      url: api.streamUrl(state.booking.bookingId),
      EventSource: onlyReads ? undefined : globalThis.EventSource,
      isHidden: () => document.hidden,
    });
    this.#stream.setUrgent(isOpen(state.booking) || state.name === "sending" || state.name === "manual");
    clearTimeout(this.#endTimer);
    this.#endTimer = setTimeout(() => this.stop(), forMs);
  }

  /** The page may have missed something. */
  wake(): void {
    this.#stream?.wake();
  }

  stop(): void {
    clearTimeout(this.#endTimer);
    this.#stream?.stop();
    this.#stream = undefined;
  }
}
