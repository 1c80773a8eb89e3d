import { attemptOf, isKnown } from "../checkout/checkout-state.ts";
import type { CheckoutState, CheckoutStatus } from "../checkout/checkout-state.ts";
import type { BookingView } from "../api/contract.ts";
import { PaymentConfirmedEvent, PaymentFailedEvent, SomoPayStatusEvent } from "../events.ts";

/** Tells the owner's page what has come about: by events, and by the element's CSS state. */
export class StatusEvents {
  readonly #element: HTMLElement;
  readonly #internals: ElementInternals | undefined;
  #confirmedBooking = "";
  #failedAttempt: number | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
    // Safari before 16.4 has no internals.
    this.#internals = element.attachInternals?.();
  }

  /** What was told of a booking may be told again. */
  forget(): void {
    this.#confirmedBooking = "";
    this.#failedAttempt = undefined;
  }

  tell(before: CheckoutState, after: CheckoutState): void {
    const problem = "problem" in after ? after.problem : undefined;
    const booking = isKnown(after) ? after.booking : undefined;
    this.#mirror(before.name, after.name);
    this.#element.dispatchEvent(new SomoPayStatusEvent({ status: after.name, previous: before.name, problem, booking }));
    if (booking) this.#tellOutcome(after.name, booking, after.name === "paid" && after.late);
  }

  #tellOutcome(status: CheckoutStatus, booking: BookingView, late: boolean): void {
    const { bookingId, reference, amount, payment } = booking;
    const element = this.#element;
    if (status === "paid" && this.#confirmedBooking !== bookingId) {
      this.#confirmedBooking = bookingId;
      element.dispatchEvent(
        new PaymentConfirmedEvent({ bookingId, reference, amountKes: amount, receipt: payment?.receipt, late, booking }),
      );
    }
    const attempt = attemptOf(booking);
    if (status === "failed" && payment?.status === "failed" && attempt !== this.#failedAttempt) {
      this.#failedAttempt = attempt;
      element.dispatchEvent(new PaymentFailedEvent({ bookingId, reason: payment.reason ?? "unknown", booking }));
    }
  }

  #mirror(before: CheckoutStatus, after: CheckoutStatus): void {
    try {
      this.#internals?.states.delete(before);
      this.#internals?.states.add(after);
    } catch {
      // Chromium before 125 takes only names with two dashes.
    }
  }
}
