import { amountPaidKes, bookingPaymentStatus, type BookingFile } from "../payments/payment.ts";
import type { SessionType } from "../sites/site.ts";
import type { BookingLine } from "./owners-contract.ts";

/** @param sessionTypes the site's price list, which knows how long a session takes */
export function toBookingLine(file: BookingFile, sessionTypes: readonly SessionType[]): BookingLine {
  const { booking, attempts } = file;
  return {
    bookingId: booking.id,
    reference: booking.reference,
    parentName: booking.parentName,
    childName: booking.childName,
    sessionType: { code: booking.sessionType, name: booking.sessionName },
    date: booking.date,
    time: booking.time,
    durationMinutes: sessionTypes.find(({ code }) => code === booking.sessionType)?.durationMinutes ?? null,
    amount: booking.amountKes,
    amountPaid: amountPaidKes(attempts),
    booking_status: booking.status,
    payment_status: bookingPaymentStatus(file),
  };
}
