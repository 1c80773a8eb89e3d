import type { OwnerPayment } from "../../contract.ts";
import { maskPhone } from "../../platform/masking.ts";
import type { Attempt } from "../payment.ts";

/**
 * The one shape in which a payment is shown to its owner, in lists and in webhooks: the phone is masked.
 * @param reference the booking's
 */
export function toOwnerPayment(attempt: Attempt, reference: string): OwnerPayment {
  return {
    paymentId: attempt.id,
    bookingId: attempt.bookingId,
    reference,
    status: attempt.status,
    ...(attempt.reason !== null && { reason: attempt.reason }),
    surplus: attempt.surplusKes,
    amount: attempt.amountKes,
    currency: "KES",
    phone: maskPhone(attempt.phone),
    ...(attempt.receipt !== null && { receipt: attempt.receipt }),
    requestedAt: attempt.requestedAtMs,
    ...(attempt.paidAtMs !== null && { paidAt: attempt.paidAtMs }),
    ...(attempt.endedAtMs !== null && { endedAt: attempt.endedAtMs }),
  };
}
