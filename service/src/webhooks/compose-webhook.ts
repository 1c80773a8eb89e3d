import { amountDueKes, type Attempt, type BookingFile } from "../payments/payment.ts";
import type { ComposeWebhook } from "../payments/payments-dependencies.ts";
import type { WebhookMessage } from "../payments/store/change.ts";
import { maskPhone } from "../platform/masking.ts";

/** @param hasWebhook whether the site's server wants to be told */
export function createWebhookComposer(hasWebhook: (siteId: string) => Promise<boolean>): ComposeWebhook {
  return async (file, attempt, own) => ((await hasWebhook(file.booking.siteId)) ? webhookMessage(file, attempt, own) : null);
}

/** What the owner's server is told of a payment's end; written in the transaction that ends it. */
function webhookMessage(file: BookingFile, attempt: Attempt, { id, atMs }: { id: string; atMs: number }): WebhookMessage {
  const { booking } = file;
  const event = eventOf(file, attempt);
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

/** @param file as it was before this payment */
function eventOf(file: BookingFile, { status, amountKes, surplusKes }: Attempt): string {
  if (status !== "paid") return `payment.${status}`;
  if (surplusKes > 0) return "payment.surplus";
  return amountKes < amountDueKes(file) ? "payment.partial" : "payment.paid";
}
