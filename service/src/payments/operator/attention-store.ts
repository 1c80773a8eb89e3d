import type { Knex } from "knex";
import { z } from "zod";
import { bookingStatuses, paymentStatuses, refundStatuses } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import { SETTLED_CODE } from "../payment.ts";
import { callbacksOf, type SiteScope } from "./site-scope.ts";

/** Payments without a certain outcome. `attention`: what Safaricom answered that is unknown. */
const undecidedSchema = z.object({
  paymentId: z.string(),
  reference: z.string(),
  amountKes: z.number(),
  payer: z.string(),
  status: z.enum(paymentStatuses),
  attention: z.string().nullable(),
  requestedAtMs: z.number(),
});

/** Bookings whose money and state do not agree. */
const bookingSchema = z.object({
  bookingId: z.string(),
  reference: z.string(),
  status: z.enum(bookingStatuses),
  amountKes: z.number(),
  amountPaidKes: z.number(),
  sessionName: z.string(),
  date: z.string(),
  time: z.string(),
});

/** `amountKes`: what the booking did not need, of the payment's `paymentKes`. */
const surplusSchema = z.object({
  paymentId: z.string(),
  receipt: z.string().nullable(),
  amountKes: z.number(),
  paymentKes: z.number(),
  reference: z.string(),
  payer: z.string(),
});

const refundSchema = z.object({ receipt: z.string(), amountKes: z.number(), status: z.enum(refundStatuses), note: z.string().nullable() });

const callbackSchema = z.object({
  callbackId: z.string(),
  kind: z.string(),
  receivedAtMs: z.number(),
  verdict: z.string().nullable(),
  receipt: z.string().nullable(),
  note: z.string().nullable(),
  tries: z.number(),
});

export type UndecidedPayment = z.infer<typeof undecidedSchema>;
/** `receipts`: of the money that has arrived, was not given back, and about which nobody has decided. */
export type UnevenBooking = z.infer<typeof bookingSchema> & { receipts: string[] };
export type SurplusPayment = z.infer<typeof surplusSchema>;
export type UnfinishedRefund = z.infer<typeof refundSchema>;
export type ListedCallback = z.infer<typeof callbackSchema>;

/** What waits for a person, beside the money that matches no booking. `scope` null: of all sites. Newest first, at most 500 each. */
export type AttentionStore = {
  undecidedPayments(scope: SiteScope | null): Promise<UndecidedPayment[]>;
  /** Part payments, money for a lapsed or cancelled booking, and bookings of which a part was refunded. */
  unevenBookings(scope: SiteScope | null): Promise<UnevenBooking[]>;
  /** Paid beyond what a booking needed. */
  surplus(scope: SiteScope | null): Promise<SurplusPayment[]>;
  /** Refunds of payments that are still `paid`: awaited, failed, or without a clear answer; the newest of each payment. */
  unfinishedRefunds(scope: SiteScope | null): Promise<UnfinishedRefund[]>;
  /** Callbacks that cannot be processed, are tried again and again, or report money that no payment has. */
  callbacks(scope: SiteScope | null): Promise<ListedCallback[]>;
};

const LIST_MAX = 500;
/** Fewer tries are a passing fault. */
const TRIES_TO_LIST = 5;

export function createAttentionStore({ knex }: Database): AttentionStore {
  const ofSite = (query: Knex.QueryBuilder, column: string, scope: SiteScope | null): Knex.QueryBuilder =>
    scope === null ? query : query.where(column, scope.siteId);
  const payments = (scope: SiteScope | null): Knex.QueryBuilder =>
    ofSite(
      knex("payments as payment").join("pending_sessions as booking", "booking.id", "payment.pending_session_id").limit(LIST_MAX),
      "payment.site_id",
      scope,
    );
  return {
    async undecidedPayments(scope) {
      const rows: unknown = await payments(scope)
        .whereNotIn("payment.status", ["paid", "refunded"])
        .andWhere((undecided) => {
          void undecided.whereNotNull("payment.attention");
          void undecided.orWhere((gaveUp) => void gaveUp.where({ "payment.status": "failed", "payment.reason": "unknown" }));
        })
        .andWhere((open) => void open.whereNull("payment.result_code").orWhereNot("payment.result_code", SETTLED_CODE))
        .orderBy("payment.requested_at", "desc")
        .select(
          "payment.id as paymentId",
          "booking.reference as reference",
          "payment.amount as amountKes",
          "payment.phone as payer",
          "payment.status as status",
          "payment.attention as attention",
          "payment.requested_at as requestedAtMs",
        );
      return z.array(undecidedSchema).parse(rows);
    },
    async unevenBookings(scope) {
      const rows: unknown = await ofSite(knex("pending_sessions"), "site_id", scope)
        .where("amount_paid", ">", 0)
        .andWhere((uneven) => {
          void uneven.whereRaw("amount_paid < amount").orWhereIn("status", ["lapsed", "cancelled"]);
        })
        .whereExists(undecidedMoney(knex).whereRaw("payments.pending_session_id = pending_sessions.id").select(knex.raw("1")))
        .orderBy("updated_at", "desc")
        .limit(LIST_MAX)
        .select(
          "id as bookingId",
          "reference",
          "status",
          "amount as amountKes",
          "amount_paid as amountPaidKes",
          "session_name as sessionName",
          "date",
          "time",
        );
      return withReceipts(knex, z.array(bookingSchema).parse(rows));
    },
    async surplus(scope) {
      const rows: unknown = await payments(scope)
        .where("payment.surplus", ">", 0)
        .where({ "payment.status": "paid" })
        .whereNull("payment.kept_at")
        .orderBy("payment.paid_at", "desc")
        .select(
          "payment.id as paymentId",
          "payment.amount as paymentKes",
          "payment.provider_ref as receipt",
          "payment.surplus as amountKes",
          "booking.reference as reference",
          "payment.phone as payer",
        );
      return z.array(surplusSchema).parse(rows);
    },
    async unfinishedRefunds(scope) {
      const rows: unknown = await ofSite(
        knex("refunds as refund").join("payments as payment", "payment.id", "refund.payment_id"),
        "refund.site_id",
        scope,
      )
        .where({ "payment.status": "paid" })
        .whereNotExists(
          knex("refunds as newer")
            .whereRaw("newer.payment_id = refund.payment_id AND newer.requested_at > refund.requested_at")
            .select(knex.raw("1")),
        )
        .orderBy("refund.requested_at", "desc")
        .limit(LIST_MAX)
        .select("refund.receipt as receipt", "refund.amount as amountKes", "refund.status as status", "refund.note as note");
      return z.array(refundSchema).parse(rows);
    },
    async callbacks(scope) {
      const query = knex("callbacks").leftJoin("payments as payment", "payment.id", "callbacks.payment_id");
      const rows: unknown = await callbacksOf(knex, query, scope)
        .andWhere((listed) => {
          void listed.where("callbacks.verdict", "unprocessable");
          void listed.orWhere((retried) => void retried.whereNull("callbacks.processed_at").where("callbacks.tries", ">=", TRIES_TO_LIST));
          void listed.orWhere((money) => void moneyThatNobodyHas(knex, money));
        })
        .orderBy("callbacks.received_at", "desc")
        .limit(LIST_MAX)
        .select(
          "callbacks.id as callbackId",
          "callbacks.kind as kind",
          "callbacks.received_at as receivedAtMs",
          "callbacks.verdict as verdict",
          "callbacks.receipt as receipt",
          "callbacks.note as note",
          "callbacks.tries as tries",
        );
      return z.array(callbackSchema).parse(rows);
    },
  };
}

/** Money that is here, and about which nobody has decided that it stays. */
function undecidedMoney(knex: Knex): Knex.QueryBuilder {
  return knex("payments").where("payments.status", "paid").whereNull("payments.kept_at");
}

const receiptRowsSchema = z.array(z.object({ bookingId: z.string(), receipt: z.string() }));

async function withReceipts(knex: Knex, bookings: z.infer<typeof bookingSchema>[]): Promise<UnevenBooking[]> {
  const ids = bookings.map(({ bookingId }) => bookingId);
  const rows: unknown = await undecidedMoney(knex)
    .whereIn("pending_session_id", ids)
    .whereNotNull("provider_ref")
    .select("pending_session_id as bookingId", "provider_ref as receipt");
  const receipts = Map.groupBy(receiptRowsSchema.parse(rows), ({ bookingId }) => bookingId);
  return bookings.map((booking) => ({ ...booking, receipts: (receipts.get(booking.bookingId) ?? []).map(({ receipt }) => receipt) }));
}

/** It came in on one of our secret addresses (others are made up by the thousand), names a receipt, and no payment nor list has that receipt. */
function moneyThatNobodyHas(knex: Knex, query: Knex.QueryBuilder): Knex.QueryBuilder {
  return query
    .whereIn("callbacks.verdict", ["unverified", "unmatched"])
    .whereNotNull("callbacks.receipt")
    .andWhere((own) => {
      void own.whereRaw("callbacks.secret_hash = payment.callback_secret_hash");
      void own.orWhereExists(knex("c2b_addresses").whereRaw("c2b_addresses.secret_hash = callbacks.secret_hash").select(knex.raw("1")));
    })
    .andWhere((open) => void open.whereNull("payment.status").orWhereNotIn("payment.status", ["paid", "refunded"]))
    .whereNotExists(knex("payments as paid").whereRaw("paid.provider_ref = callbacks.receipt").select(knex.raw("1")))
    .whereNotExists(knex("unassigned_money").whereRaw("unassigned_money.receipt = callbacks.receipt").select(knex.raw("1")));
}
