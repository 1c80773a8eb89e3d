import { z } from "zod";
import { paymentStatuses, type OwnerPayment } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import { maskPhone } from "../../platform/masking.ts";
import { parseAttempt } from "../store/payment-rows.ts";

export const paymentsQuerySchema = z.object({
  status: z.enum(paymentStatuses).optional(),
  surplus: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional(),
  bookingId: z.string().max(64).optional(),
  receipt: z
    .string()
    .max(32)
    .transform((text) => text.toUpperCase())
    .optional(),
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type PaymentsQuery = z.infer<typeof paymentsQuerySchema>;

export type PaymentsPage = { data: OwnerPayment[]; nextCursor: string | null };

/** A site's payments for its owner, newest first. */
export type PaymentsList = {
  page(siteId: string, query: PaymentsQuery): Promise<PaymentsPage>;
  one(siteId: string, paymentId: string): Promise<OwnerPayment | null>;
  /** For the operator, of any site. */
  idByReceipt(receipt: string): Promise<string | null>;
};

const extraSchema = z.object({ reference: z.string(), attention: z.string().nullable() });
const requestedSchema = z.object({ requested_at: z.number() }).optional();

export function createPaymentsList({ knex }: Database): PaymentsList {
  const ofSite = (siteId: string) =>
    knex("payments as payment")
      .join("pending_sessions as booking", "booking.id", "payment.pending_session_id")
      .where({ "payment.site_id": siteId })
      .select("payment.*", "booking.reference as reference");

  return {
    async page(siteId, { status, surplus, bookingId, receipt, cursor, limit }) {
      const query = ofSite(siteId);
      if (status !== undefined) query.where({ "payment.status": status });
      if (surplus !== undefined) query.where("payment.surplus", surplus ? ">" : "=", 0);
      if (bookingId !== undefined) query.where({ "payment.pending_session_id": bookingId });
      if (receipt !== undefined) query.where({ "payment.provider_ref": receipt });
      if (cursor !== undefined) {
        const last = requestedSchema.parse(await knex("payments").where({ id: cursor, site_id: siteId }).first("requested_at"));
        const atMs = last?.requested_at ?? 0;
        query.where((older) => {
          void older.where("payment.requested_at", "<", atMs);
          void older.orWhere((same) => void same.where({ "payment.requested_at": atMs }).where("payment.id", "<", cursor));
        });
      }
      const rows: unknown[] = await query
        .orderBy([
          { column: "payment.requested_at", order: "desc" },
          { column: "payment.id", order: "desc" },
        ])
        .limit(limit + 1);
      const data = rows.slice(0, limit).map(toOwnerPayment);
      return { data, nextCursor: rows.length > limit ? (data.at(-1)?.paymentId ?? null) : null };
    },
    async one(siteId, paymentId) {
      const row: unknown = await ofSite(siteId).where({ "payment.id": paymentId }).first();
      return row === undefined ? null : toOwnerPayment(row);
    },
    async idByReceipt(receipt) {
      const row: unknown = await knex("payments").where({ provider_ref: receipt }).first("id");
      return z.object({ id: z.string() }).optional().parse(row)?.id ?? null;
    },
  };
}

function toOwnerPayment(row: unknown): OwnerPayment {
  const attempt = parseAttempt(row);
  const { reference, attention } = extraSchema.parse(row);
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
    ...(attention !== null && { attention }),
    requestedAt: attempt.requestedAtMs,
    ...(attempt.paidAtMs !== null && { paidAt: attempt.paidAtMs }),
    ...(attempt.endedAtMs !== null && { endedAt: attempt.endedAtMs }),
  };
}
