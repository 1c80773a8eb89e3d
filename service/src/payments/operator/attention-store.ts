import { z } from "zod";
import type { Database } from "../../platform/database.ts";

export type SurplusPayment = { receipt: string | null; amountKes: number; reference: string; payer: string; paidAtMs: number };

export type UnclearPayment = { reference: string; amountKes: number; payer: string; attention: string };

export type UnfinishedRefund = { receipt: string; amountKes: number; status: string; note: string | null };

/** What waits for a person, beside the money that matches no booking. */
export type AttentionStore = {
  /** Paid beyond what a booking needed; newest first. */
  surplus(): Promise<SurplusPayment[]>;
  /** Refunds of payments that are still `paid`: awaited, failed, or without a clear answer; the newest of each payment. */
  unfinishedRefunds(): Promise<UnfinishedRefund[]>;
  /** Undecided payments to which Safaricom answered with an unknown code; oldest first. */
  unclearPayments(): Promise<UnclearPayment[]>;
};

const LIST_MAX = 500;

const surplusRowSchema = z
  .object({ receipt: z.string().nullable(), amount: z.number(), reference: z.string(), payer: z.string(), paid_at: z.number().nullable() })
  .transform((row): SurplusPayment => ({
    receipt: row.receipt,
    amountKes: row.amount,
    reference: row.reference,
    payer: row.payer,
    paidAtMs: row.paid_at ?? 0,
  }));
const refundRowSchema = z.object({ receipt: z.string(), amountKes: z.number(), status: z.string(), note: z.string().nullable() });
const unclearRowSchema = z.object({ reference: z.string(), amountKes: z.number(), payer: z.string(), attention: z.string() });

export function createAttentionStore({ knex }: Database): AttentionStore {
  const paymentsWithBooking = () =>
    knex("payments as payment").join("pending_sessions as booking", "booking.id", "payment.pending_session_id").limit(LIST_MAX);
  return {
    async surplus() {
      const rows = await paymentsWithBooking()
        .where("payment.surplus", ">", 0)
        .where({ "payment.status": "paid" })
        .orderBy("payment.paid_at", "desc")
        .select(
          "payment.provider_ref as receipt",
          "payment.surplus as amount",
          "booking.reference as reference",
          "payment.phone as payer",
          "payment.paid_at as paid_at",
        );
      return rows.map((row: unknown) => surplusRowSchema.parse(row));
    },
    async unfinishedRefunds() {
      const rows = await knex("refunds as refund")
        .join("payments as payment", "payment.id", "refund.payment_id")
        .where({ "payment.status": "paid" })
        .whereNotExists(
          knex("refunds as newer")
            .whereRaw("newer.payment_id = refund.payment_id AND newer.requested_at > refund.requested_at")
            .select(knex.raw("1")),
        )
        .orderBy("refund.requested_at", "desc")
        .limit(LIST_MAX)
        .select("refund.receipt as receipt", "refund.amount as amountKes", "refund.status as status", "refund.note as note");
      return rows.map((row: unknown) => refundRowSchema.parse(row));
    },
    async unclearPayments() {
      const rows = await paymentsWithBooking()
        .whereNotNull("payment.attention")
        .whereNotIn("payment.status", ["paid", "refunded"])
        .orderBy("payment.requested_at")
        .select(
          "booking.reference as reference",
          "payment.amount as amountKes",
          "payment.phone as payer",
          "payment.attention as attention",
        );
      return rows.map((row: unknown) => unclearRowSchema.parse(row));
    },
  };
}
