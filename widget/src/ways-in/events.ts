import type { BookingView } from "../contract.ts";
import { DetailEvent } from "../events.ts";

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
    "somopay-booked": SomoPayBookedEvent;
    "somopay-open": SomoPayOpenEvent;
    "somopay-close": SomoPayCloseEvent;
  }
}
