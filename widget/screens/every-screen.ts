/** Every screen that the element has: what leads to it, for the pages that show all of them and for the tests that look at each. */
import type { BookingView } from "../src/api/contract.ts";
import { booking, cannedBookings, failed, over } from "./canned-bookings.ts";

/** What a parent does before the screen is there; `take-steps.js` does it in the page. */
export type Step = "pay" | "pay-manually" | "send-details";

/** How the service answers the request to pay. `lost`: the connection breaks. */
export type Refusal = { status: number; code: string; retryAfterSeconds?: number } | "lost";

export type Screen = {
  /** Also the booking's id, where there is one. */
  name: string;
  /** What the service says of it; without one the service does not know the booking, or the page names none. */
  booking?: BookingView;
  /** What the element is given beside `merchant`, `lang` and `theme`. */
  attributes: Readonly<Record<string, string>>;
  step?: Step;
  /** What stands in the phone field before the step. */
  typed?: string;
  refusal?: Refusal;
};

/** What the page offers when it names no booking. */
export const SESSION_TYPE = { code: "maths-60", name: "Maths, one hour", amount: 1_500, currency: "KES", durationMinutes: 60 };
const withoutBooking = { "site-key": "pk_test", "session-type": SESSION_TYPE.code };
const slots = JSON.stringify(["2026-12-08T10:00", "2026-12-09T16:30"]);

/** Long enough to be a number, so that it is sent. */
const PHONE = "0712 345 678";
const refusals: Readonly<Record<string, Refusal>> = {
  "refused-429": { status: 429, code: "too_many_tries", retryAfterSeconds: 95 },
  "refused-422": { status: 422, code: "amount_mismatch" },
  "refused-403": { status: 403, code: "origin_not_allowed" },
  "refused-too-soon": { status: 409, code: "prompt_too_soon", retryAfterSeconds: 38 },
  "refused-lost": "lost",
};

export function everyScreen(): Screen[] {
  return [
    ...Object.entries(cannedBookings()).map(([name, view]): Screen => {
      const screen = withBooking(name, view);
      return name.startsWith("manual") ? { ...screen, step: "pay-manually" } : screen;
    }),
    { ...withBooking("phone-error"), step: "pay", typed: "0712 34" },
    ...Object.entries(refusals).map(([name, refusal]): Screen => ({ ...withBooking(name), step: "pay", typed: PHONE, refusal })),
    withBooking("lapsed-again", over("lapsed", booking("lapsed-again")), withoutBooking),
    withBooking("failed-share", failed("failed-share", "cancelled"), { "share-url": "/pay" }),
    { name: "missing", attributes: { "booking-id": "missing" } },
    { name: "details", attributes: withoutBooking },
    { name: "details-slots", attributes: { ...withoutBooking, slots } },
    { name: "details-error", attributes: withoutBooking, step: "send-details" },
    withBooking("button", booking("button"), { mode: "button" }),
    withBooking("link", booking("link"), { mode: "link" }),
  ];
}

function withBooking(name: string, view = booking(name), attributes: Readonly<Record<string, string>> = {}): Screen {
  return { name, booking: view, attributes: { "booking-id": view.bookingId, ...attributes } };
}
