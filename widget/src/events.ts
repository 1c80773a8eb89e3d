import type { BookingView, FailureReason } from "./api/contract.ts";
import type { CheckoutStatus } from "./checkout/checkout-state.ts";
import type { Problem } from "./checkout/problem.ts";

/** All of them bubble, out of shadow roots too. */
export abstract class DetailEvent<Detail> extends CustomEvent<Detail> {
  constructor(type: string, detail: Detail) {
    super(type, { bubbles: true, composed: true, detail });
  }
}

export interface StatusDetail {
  status: CheckoutStatus;
  previous: CheckoutStatus;
  /** Why, when `status` is `failed` or `unavailable`. */
  problem?: Problem | undefined;
  booking?: BookingView | undefined;
}

/** What the element shows has changed. */
export class SomoPayStatusEvent extends DetailEvent<StatusDetail> {
  constructor(detail: StatusDetail) {
    super("somopay-status", detail);
  }
}

export interface PaymentConfirmedDetail {
  bookingId: string;
  reference: string;
  /** The price, in whole shillings. */
  amountKes: number;
  /** M-Pesa's receipt code; missing when the owner settled the booking in another way. */
  receipt?: string | undefined;
  /** The element had already shown that nothing was paid. */
  late: boolean;
  booking: BookingView;
}

/**
 * The full amount is paid; `booking.booking_status` says whether the session is booked, because money may come too late for it. Fired once for each
 * booking, also when the page is opened again after the payment, so treat it as news to show, never as proof: what the service says to your
 * server is the proof.
 */
export class PaymentConfirmedEvent extends DetailEvent<PaymentConfirmedDetail> {
  constructor(detail: PaymentConfirmedDetail) {
    super("payment-confirmed", detail);
  }
}

export interface PaymentFailedDetail {
  bookingId: string;
  reason: FailureReason;
  booking: BookingView;
}

/** The service says that an attempt failed; fired once for each attempt. It may still be followed by `payment-confirmed`. */
export class PaymentFailedEvent extends DetailEvent<PaymentFailedDetail> {
  constructor(detail: PaymentFailedDetail) {
    super("payment-failed", detail);
  }
}

export interface SomoPayBookedDetail {
  bookingId: string;
  reference: string;
  booking: BookingView;
}

/** The parent's own details have become a booking, which waits to be paid. Only without a `booking-id`. */
export class SomoPayBookedEvent extends DetailEvent<SomoPayBookedDetail> {
  constructor(detail: SomoPayBookedDetail) {
    super("somopay-booked", detail);
  }
}

/** The dialog has opened. */
export class SomoPayOpenEvent extends DetailEvent<null> {
  constructor() {
    super("somopay-open", null);
  }
}

/** The dialog has closed. A payment under way goes on. */
export class SomoPayCloseEvent extends DetailEvent<null> {
  constructor() {
    super("somopay-close", null);
  }
}

declare global {
  interface HTMLElementEventMap {
    "somopay-status": SomoPayStatusEvent;
    "payment-confirmed": PaymentConfirmedEvent;
    "payment-failed": PaymentFailedEvent;
    "somopay-booked": SomoPayBookedEvent;
    "somopay-open": SomoPayOpenEvent;
    "somopay-close": SomoPayCloseEvent;
  }
}
