import type { Booking } from "../bookings/booking.ts";
import type { Attempt } from "../payments/payment.ts";
import type { ComposeWebhook } from "../payments/payments-dependencies.ts";
import type { WebhookMessage } from "../payments/store/payment-store.ts";
import { maskPhone } from "../platform/masking.ts";

/** @param hasWebhook whether the site's server wants to be told */
export function createWebhookComposer(hasWebhook: (siteId: string) => Promise<boolean>): ComposeWebhook {
  return async ({ booking }, attempt, own) => ((await hasWebhook(booking.siteId)) ? webhookMessage(booking, attempt, own) : null);
}

/** What the owner's server is told of a payment's end; written in the transaction that ends it. */
function webhookMessage(booking: Booking, attempt: Attempt, { id, atMs }: { id: string; atMs: number }): WebhookMessage {
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
