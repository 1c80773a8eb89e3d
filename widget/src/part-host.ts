import type { BookingView } from "./contract.ts";
import type { PaymentsApi } from "./payments-api.ts";

/** What a fetched part may ask of the element it works for. */
export interface PartHost {
  /** The element, with its attributes as its properties say them. */
  readonly element: EventTarget & {
    readonly renderRoot: ShadowRoot;
    readonly bookingId: string;
    readonly siteKey: string;
    readonly sessionType: string;
    readonly slots: readonly string[] | string;
    readonly merchant: string;
    readonly shareUrl: string;
  };
  /** Missing when the page names no service. */
  api: () => PaymentsApi | undefined;
  /** Something of the part's own has changed. */
  requestUpdate: () => void;
  /** Says a sentence to those who do not see it. */
  announce: (sentence: string) => void;
  /** With the next update the focus goes to the first field that is wrong. If it is there already, what is wrong is said. */
  focusWrongField: () => void;
  /** The service has shown the booking. */
  hear: (booking: BookingView) => void;
  /** The booking was made here, now or before; without `booking` it has still to be read. */
  booked: (bookingId: string, booking?: BookingView) => void;
  /** Closes the dialog. */
  close: () => void;
}
