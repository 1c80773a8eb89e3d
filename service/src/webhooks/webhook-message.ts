import { maskPhone } from "../platform/masking.ts";
import type { WebhookMessage } from "../payments/store/payment-store.ts";
import type { Attempt, Booking } from "../payments/payment.ts";

/** What the owner's server is told of a payment's end; written in the transaction that ends it. */
export function webhookMessage(booking: Booking, attempt: Attempt, { id, atMs }: { id: string; atMs: number }): WebhookMessage {
  const event = attempt.surplus && attempt.status === "paid" ? "payment.surplus" : `payment.${attempt.status}`;
  const data = {
    paymentId: attempt.id,
    bookingId: booking.id,
    reference: booking.reference,
    amount: attempt.amountKes,
    currency: "KES",
    status: attempt.status,
    reason: attempt.reason ?? undefined,
    receipt: attempt.receipt ?? undefined,
    phone: maskPhone(attempt.phone),
    paidAt: attempt.paidAtMs ?? undefined,
  };
  return { id, event, payload: JSON.stringify({ type: event, timestamp: new Date(atMs).toISOString(), data }), createdAtMs: atMs };
}
