import type { BookingView } from "../contract.ts";
import { bookingPaymentStatus, isOpen, shownAttempt, type Attempt, type BookingFile } from "../payments/payment.ts";
import type { ViewFacts } from "../payments/payments-dependencies.ts";
import { maskPhone } from "../platform/masking.ts";

/** The one shape in which a booking leaves the service: no callback address, no id of Safaricom's, no full phone number. */
export function toBookingView(file: BookingFile, { nowMs, paybill = null, receiptCheck = null }: ViewFacts): BookingView {
  const { booking } = file;
  const shown = shownAttempt(file);
  const retryAfterMs = shown?.status === "failed" && shown.retryAtMs !== null ? shown.retryAtMs - nowMs : 0;
  const canPayManually = paybill !== null && booking.status === "pending";
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
    ...(canPayManually && { payManually: { paybill, accountNumber: booking.reference, amount: booking.amountKes } }),
    ...(receiptCheck && { receiptCheck }),
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
