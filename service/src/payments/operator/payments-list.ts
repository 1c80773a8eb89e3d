import type { Knex } from "knex";
import { z } from "zod";
import { paymentStatuses, type OwnerPayment } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import { readPage, pageShape, toPage, type Page } from "../../platform/page.ts";
import { isOpen } from "../payment.ts";
import { parseAttempt } from "../store/payment-rows.ts";
import { filterShape, whereBetween, wherePhoneEnds } from "./list-filters.ts";
import { toOwnerPayment } from "./owner-payment.ts";

export const paymentsQuerySchema = z.strictObject({
  status: z.enum(paymentStatuses).optional(),
  surplus: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional(),
  bookingId: z.string().max(64).optional(),
  ...filterShape,
  ...pageShape,
});
export type PaymentsQuery = z.infer<typeof paymentsQuerySchema>;

/** A site's payments for its owner, newest first. */
export type PaymentsList = {
  page(siteId: string, query: PaymentsQuery): Promise<Page<OwnerPayment>>;
  one(siteId: string, paymentId: string): Promise<OwnerPayment | null>;
  /** For the operator, of any site. */
  idByReceipt(receipt: string): Promise<string | null>;
};

const OPEN_MAX = 500;

const extraSchema = z.object({ reference: z.string(), attention: z.string().nullable() });

export function createPaymentsList({ knex }: Database): PaymentsList {
  const ofSite = (siteId: string) =>
    knex("payments as payment")
      .join("pending_sessions as booking", "booking.id", "payment.pending_session_id")
      .where({ "payment.site_id": siteId })
      .select("payment.*", "booking.reference as reference");

  /** Few payments are open at a time. Without their ids a database would look for them among all of the site's. */
  const onlyOpen = async (query: Knex.QueryBuilder, siteId: string): Promise<void> => {
    const open: unknown = await knex("payments").where({ site_id: siteId }).whereNotNull("open_key").limit(OPEN_MAX).select("id");
    const ids = z.array(z.object({ id: z.string() })).parse(open);
    // With more, they are found at once: they are the newest.
    if (ids.length < OPEN_MAX)
      void query.whereIn(
        "payment.id",
        ids.map(({ id }) => id),
      );
  };

  return {
    async page(siteId, { status, surplus, bookingId, receipt, reference, phoneEnding, from, to, ...wish }) {
      const query = ofSite(siteId);
      if (status !== undefined) void query.where({ "payment.status": status });
      if (status !== undefined && isOpen({ status })) await onlyOpen(query, siteId);
      if (surplus !== undefined) void query.where("payment.surplus", surplus ? ">" : "=", 0);
      // An index has those with surplus, and few others.
      if (surplus === true) void query.where({ "payment.waiting_site": siteId });
      if (bookingId !== undefined) void query.where({ "payment.pending_session_id": bookingId });
      if (receipt !== undefined) void query.where({ "payment.provider_ref": receipt });
      if (reference !== undefined) void query.where({ "booking.reference": reference });
      if (phoneEnding !== undefined) wherePhoneEnds(query, "payment", phoneEnding);
      whereBetween(query, "payment.requested_at", { from, to });
      const rows = await readPage(query, { at: "payment.requested_at", id: "payment.id" }, wish);
      return toPage(
        rows.map(parseListed),
        wish.limit,
        ({ requestedAt, paymentId }) => ({ atMs: requestedAt, id: paymentId }),
        (payment) => payment,
      );
    },
    async one(siteId, paymentId) {
      const row: unknown = await ofSite(siteId).where({ "payment.id": paymentId }).first();
      return row === undefined ? null : parseListed(row);
    },
    async idByReceipt(receipt) {
      const row: unknown = await knex("payments").where({ provider_ref: receipt }).first("id");
      return z.object({ id: z.string() }).optional().parse(row)?.id ?? null;
    },
  };
}

function parseListed(row: unknown): OwnerPayment {
  const { reference, attention } = extraSchema.parse(row);
  return { ...toOwnerPayment(parseAttempt(row), reference), ...(attention !== null && { attention }) };
}
