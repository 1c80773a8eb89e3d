import type { BookingView } from "../contract.ts";
import {
  amountDueKes,
  amountPaidKes,
  bookingPaymentStatus,
  isOpen,
  retryAfterMs,
  shownAttempt,
  type Attempt,
  type BookingFile,
} from "../payments/payment.ts";
import type { ViewFacts } from "../payments/payments-dependencies.ts";
import { maskPhone } from "../platform/masking.ts";

/** The one shape in which a booking leaves the service: no callback address, no id of Safaricom's, no full phone number. */
export function toBookingView(file: BookingFile, { nowMs, paybill = null, receiptCheck = null }: ViewFacts): BookingView {
  const { booking } = file;
  const shown = shownAttempt(file);
  const paidKes = amountPaidKes(file.attempts);
  const dueKes = amountDueKes(file);
  const surplusKes = booking.status === "cancelled" ? paidKes : Math.max(0, paidKes - booking.amountKes);
  const waitMs = dueKes > 0 ? retryAfterMs(file, nowMs) : 0;
  const canPayManually = paybill !== null && booking.status === "pending" && dueKes > 0;
  return {
    bookingId: booking.id,
    reference: booking.reference,
    amount: booking.amountKes,
    amountPaid: paidKes,
    amountDue: dueKes,
    currency: "KES",
    booking_status: booking.status,
    payment_status: bookingPaymentStatus(file),
    version: booking.version,
    expiresAt: booking.expiresAtMs,
    session: { sessionType: booking.sessionType, name: booking.sessionName, date: booking.date, time: booking.time },
    payment: shown && toPaymentView(shown),
    ...(waitMs > 0 && { retryAfterMs: waitMs }),
    ...(surplusKes > 0 && { surplus: surplusKes }),
    ...(canPayManually && { payManually: { paybill, accountNumber: booking.reference, amount: dueKes } }),
    ...(receiptCheck && { receiptCheck }),
  };
}

function toPaymentView(attempt: Attempt): NonNullable<BookingView["payment"]> {
  return {
    status: attempt.status,
    ...(attempt.reason !== null && { reason: attempt.reason }),
    amount: attempt.amountKes,
    ...(attempt.receipt !== null && { receipt: attempt.receipt }),
    phone: maskPhone(attempt.phone),
    requestedAt: attempt.requestedAtMs,
    ...(isOpen(attempt) && attempt.promptExpiresAtMs !== null && { promptExpiresAt: attempt.promptExpiresAtMs }),
    ...(attempt.paidAtMs !== null && { paidAt: attempt.paidAtMs }),
  };
}
