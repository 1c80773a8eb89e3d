import { defaultExpiryMs, sessionStartMs, type Booking } from "../../bookings/booking.ts";
import { ServiceError } from "../../platform/errors.ts";
import type { IdempotencyClaim } from "../../platform/idempotency.ts";
import { isOpen, statusOnceMoved, type Attempt, type BookingFile } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { publishBookingChanged } from "../payment-events.ts";
import type { Decision } from "../decision.ts";
import type { BookingChanges, BookingDecision } from "../store/booking-changes.ts";

export type BookingChanger = Pick<PaymentsDependencies, "store" | "hub" | "ids" | "now" | "composeWebhooks"> & {
  changes: BookingChanges;
  bookingLifeMs: number;
};

/** `claim`: noted in the same transaction, so that a repetition finds what was decided. `siteId`: only this site's bookings; null: the operator changes any site's. */
type Which = { bookingId: string; siteId: string | null; decision: Decision; claim?: IdempotencyClaim | null };

const MAX_ROUNDS = 10;

/**
 * Moves a booking to another time, also to one that somebody else has booked: a lesson may have room for several, and a person decides here. Paid in full, it is booked then; otherwise it waits for the rest, also if it had lapsed. A booked session stays booked.
 * @throws ServiceError `booking_not_found`, `booking_cancelled`, `date_in_past`
 */
export function moveBooking(deps: BookingChanger, request: Which & Pick<Booking, "date" | "time">): Promise<BookingFile> {
  const { date, time } = request;
  return change(deps, request, "moved", async (file, nowMs) => {
    const { booking } = file;
    if (booking.status === "cancelled") throw new ServiceError("booking_cancelled");
    if (sessionStartMs({ date, time }) <= nowMs) throw new ServiceError("date_in_past");
    const moved = { ...booking, date, time };
    return {
      date,
      time,
      status: statusOnceMoved(file),
      expiresAtMs: Math.max(booking.expiresAtMs, defaultExpiryMs(moved, nowMs, deps.bookingLifeMs)),
    };
  });
}

/**
 * Cancels a booking and its session. Its money stays on the list until it is given back.
 * @throws ServiceError `booking_not_found`, `booking_cancelled`, `attempt_open`: a prompt that is on the phone may still be paid
 */
export function cancelBooking(deps: BookingChanger, request: Which): Promise<BookingFile> {
  return change(deps, request, "cancelled", async ({ booking, attempts }) => {
    if (booking.status === "cancelled") throw new ServiceError("booking_cancelled", { detail: "This booking is cancelled already." });
    if (attempts.some(isOpen)) throw new ServiceError("attempt_open", { detail: "A payment for this booking is in progress." });
    return { date: booking.date, time: booking.time, expiresAtMs: booking.expiresAtMs, status: "cancelled" };
  });
}

async function change(
  { store, changes, hub, ids, now, composeWebhooks }: BookingChanger,
  { bookingId, siteId, decision, claim = null }: Which,
  event: string,
  decide: (file: BookingFile, nowMs: number) => Promise<BookingDecision["after"]>,
): Promise<BookingFile> {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const file = await store.load(bookingId);
    if (!file || (siteId !== null && file.booking.siteId !== siteId)) throw new ServiceError("booking_not_found");
    const { booking, attempts } = file;
    const atMs = now();
    const after = await decide(file, atMs);
    const attempt = attempts.findLast(({ status }) => status === "paid") ?? attempts.at(-1) ?? null;
    const source = siteId === null ? "operator" : "owner";
    const isBooked = after.status === "booked" && booking.status !== "booked";
    const session = isBooked && attempt ? { id: ids.next("se"), bookedAtMs: atMs, attempt } : null;
    const fileAfter = {
      booking: { ...booking, ...after, version: booking.version + 1 },
      attempts: attempts.map((one) => (session && one.id === attempt?.id ? { ...one, sessionId: session.id } : one)),
    };
    const isWritten = await changes.decide({
      booking,
      after,
      session,
      about: attempt && { attempt, history: { id: ids.next("ph"), ...same(attempt), event, source, ...decision, atMs } },
      webhooks: await composeWebhooks({ before: file, after: fileAfter, paymentId: attempt?.id ?? null, atMs }),
      atMs,
      claim,
    });
    const changed = isWritten ? await store.load(bookingId) : null;
    if (!changed) continue;
    await publishBookingChanged(hub, bookingId);
    return changed;
  }
  throw new Error(`booking ${bookingId} kept changing for ${MAX_ROUNDS} rounds`);
}

/** The payment itself stays as it is. */
function same({ status }: Attempt): { fromStatus: string; toStatus: string } {
  return { fromStatus: status, toStatus: status };
}
