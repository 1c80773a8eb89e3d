import type { BookingView } from "../contract.ts";
import type { Clock } from "../platform/clock.ts";
import { maskPhone } from "../platform/masking.ts";
import type { PayTo } from "../payments/pay-to.ts";
import { bookingPaymentStatus, isOpen, shownAttempt, type Attempt, type BookingFile } from "../payments/payment.ts";

/** A booking's view at this moment, with the way to pay by hand where its site has one. */
export async function viewBooking({ now, payTo }: { now: Clock; payTo?: PayTo }, file: BookingFile): Promise<BookingView> {
  return toBookingView(file, now(), (await payTo?.(file.booking.siteId)) ?? null);
}

/** The one shape in which a booking leaves the service: no callback address, no id of Safaricom's, no full phone number. */
export function toBookingView(file: BookingFile, nowMs: number, payTo: Awaited<ReturnType<PayTo>> = null): BookingView {
  const { booking } = file;
  const shown = shownAttempt(file);
  const retryAfterMs = shown?.status === "failed" && shown.retryAtMs !== null ? shown.retryAtMs - nowMs : 0;
  return {
    bookingId: booking.id,
    reference: booking.reference,
    amount: booking.amountKes,
    currency: "KES",
    payment_status: bookingPaymentStatus(file),
    version: booking.version,
    session: { sessionType: booking.sessionType, name: booking.sessionName, date: booking.date, time: booking.time },
    payment: shown && toPaymentView(shown),
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(payTo &&
      booking.status === "pending" && { payManually: { ...payTo, accountNumber: booking.reference, amount: booking.amountKes } }),
  };
}

function toPaymentView(attempt: Attempt): NonNullable<BookingView["payment"]> {
  return {
    status: attempt.status,
    ...(attempt.reason !== null && { reason: attempt.reason }),
    ...(attempt.receipt !== null && { receipt: attempt.receipt }),
    phone: maskPhone(attempt.phone),
    requestedAt: attempt.requestedAtMs,
    ...(isOpen(attempt) && attempt.promptExpiresAtMs !== null && { promptExpiresAt: attempt.promptExpiresAtMs }),
    ...(attempt.paidAtMs !== null && { paidAt: attempt.paidAtMs }),
  };
}
