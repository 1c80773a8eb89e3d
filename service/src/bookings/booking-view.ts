import type { BookingView } from "../contract.ts";
import type { Clock } from "../platform/clock.ts";
import { maskPhone } from "../platform/masking.ts";
import type { PaybillOfSite } from "../payments/c2b/paybill-of-site.ts";
import type { ReceiptChecks } from "../payments/receipt-checks/receipt-check-view.ts";
import { bookingPaymentStatus, isOpen, shownAttempt, type Attempt, type BookingFile } from "../payments/payment.ts";

export type ViewParts = { now: Clock; paybillOf?: PaybillOfSite; receiptChecks?: ReceiptChecks };

/** A booking's view at this moment, with the other ways to pay and to prove a payment where its site has them. */
export async function viewBooking({ now, paybillOf, receiptChecks }: ViewParts, file: BookingFile): Promise<BookingView> {
  const receiptCheck = (await receiptChecks?.(file)) ?? null;
  return { ...toBookingView(file, now(), (await paybillOf?.(file.booking.siteId)) ?? null), ...(receiptCheck && { receiptCheck }) };
}

/** The one shape in which a booking leaves the service: no callback address, no id of Safaricom's, no full phone number. */
export function toBookingView(file: BookingFile, nowMs: number, paybillOf: Awaited<ReturnType<PaybillOfSite>> = null): BookingView {
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
    ...(paybillOf &&
      booking.status === "pending" && { payManually: { ...paybillOf, accountNumber: booking.reference, amount: booking.amountKes } }),
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
