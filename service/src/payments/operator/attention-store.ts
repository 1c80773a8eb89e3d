import type { Knex } from "knex";
import { z } from "zod";
import { bookingStatuses, paymentStatuses, refundStatuses } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import { readPage, type PageWish } from "../../platform/page.ts";
import { SETTLED_CODE } from "../payment.ts";
import { callbacksOf, type SiteScope } from "./site-scope.ts";

/** Where it stands in its list. */
const placed = { id: z.string(), atMs: z.number() };

/** Payments without a certain outcome. `attention`: what Safaricom answered that is unknown. */
const undecidedSchema = z.object({
  bookingId: z.string(),
  reference: z.string(),
  amountKes: z.number(),
  payer: z.string(),
  status: z.enum(paymentStatuses),
  attention: z.string().nullable(),
  ...placed,
});

/** Bookings whose money and state do not agree. */
const bookingSchema = z.object({
  reference: z.string(),
  status: z.enum(bookingStatuses),
  amountKes: z.number(),
  amountPaidKes: z.number(),
  sessionName: z.string(),
  date: z.string(),
  time: z.string(),
  ...placed,
});

/** `amountKes`: what the booking did not need, of the payment's `paymentKes`. */
const surplusSchema = z.object({
  paymentKes: z.number(),
  receipt: z.string().nullable(),
  amountKes: z.number(),
  reference: z.string(),
  bookingId: z.string(),
  payer: z.string(),
  ...placed,
});

const refundSchema = z.object({
  paymentId: z.string(),
  receipt: z.string(),
  amountKes: z.number(),
  status: z.enum(refundStatuses),
  note: z.string().nullable(),
  ...placed,
});

const callbackSchema = z.object({
  kind: z.string(),
  paymentId: z.string().nullable(),
  verdict: z.string().nullable(),
  receipt: z.string().nullable(),
  note: z.string().nullable(),
  tries: z.number(),
  ...placed,
});

export type UndecidedPayment = z.infer<typeof undecidedSchema>;
/** `receipts`: of the money that has arrived, was not given back, and about which nobody has decided. */
export type UnevenBooking = z.infer<typeof bookingSchema> & { receipts: string[] };
export type SurplusPayment = z.infer<typeof surplusSchema>;
export type UnfinishedRefund = z.infer<typeof refundSchema>;
export type ListedCallback = z.infer<typeof callbackSchema>;

/**
 * What waits for a person, beside the money that matches no booking. `scope` null: of all sites. Newest first, from
 * `wish.after`; one more than `wish.limit`, if there are as many. Without a wish, at most 500.
 */
export type AttentionStore = {
  undecidedPayments(scope: SiteScope | null, wish?: PageWish): Promise<UndecidedPayment[]>;
  /** Part payments, money for a lapsed or cancelled booking, and bookings of which a part was refunded. */
  unevenBookings(scope: SiteScope | null, wish?: PageWish): Promise<UnevenBooking[]>;
  /** Paid beyond what a booking needed. */
  surplus(scope: SiteScope | null, wish?: PageWish): Promise<SurplusPayment[]>;
  /** Refunds of payments that are still `paid`: awaited, failed, or without a clear answer; the newest of each payment. */
  unfinishedRefunds(scope: SiteScope | null, wish?: PageWish): Promise<UnfinishedRefund[]>;
  /** Callbacks that cannot be processed, are tried again and again, or report money that no payment has. */
  callbacks(scope: SiteScope | null, wish?: PageWish): Promise<ListedCallback[]>;
};

const ALL: PageWish = { limit: 500 };
/** Fewer tries are a passing fault. */
const TRIES_TO_LIST = 5;

export function createAttentionStore({ knex }: Database): AttentionStore {
  const ofSite = (query: Knex.QueryBuilder, column: string, scope: SiteScope | null): Knex.QueryBuilder =>
    scope === null ? query : query.where(column, scope.siteId);
  const ofWaiting = (query: Knex.QueryBuilder, column: string, scope: SiteScope | null): Knex.QueryBuilder =>
    scope === null ? query.whereNotNull(column) : query.where(column, scope.siteId);
  // The database derives who waits: an index has only those.
  const payments = (scope: SiteScope | null): Knex.QueryBuilder =>
    ofWaiting(
      knex("payments as payment").join("pending_sessions as booking", "booking.id", "payment.pending_session_id"),
      "payment.waiting_site",
      scope,
    );
  return {
    async undecidedPayments(scope, wish = ALL) {
      const query = payments(scope)
        .whereNotIn("payment.status", ["paid", "refunded"])
        .andWhere((undecided) => {
          void undecided.whereNotNull("payment.attention");
          void undecided.orWhere((gaveUp) => void gaveUp.where({ "payment.status": "failed", "payment.reason": "unknown" }));
        })
        .andWhere((open) => void open.whereNull("payment.result_code").orWhereNot("payment.result_code", SETTLED_CODE))
        .select(
          "payment.id as id",
          "payment.requested_at as atMs",
          "booking.id as bookingId",
          "booking.reference as reference",
          "payment.amount as amountKes",
          "payment.phone as payer",
          "payment.status as status",
          "payment.attention as attention",
        );
      const rows = await readPage(query, { at: "payment.requested_at", id: "payment.id" }, wish);
      return z.array(undecidedSchema).parse(rows);
    },
    async unevenBookings(scope, wish = ALL) {
      const query = ofWaiting(knex("pending_sessions"), "uneven_site", scope)
        .where("amount_paid", ">", 0)
        .andWhere((uneven) => {
          void uneven.whereRaw("amount_paid < amount").orWhereIn("status", ["lapsed", "cancelled"]);
        })
        .whereExists(undecidedMoney(knex).whereRaw("payments.pending_session_id = pending_sessions.id").select(knex.raw("1")))
        .select(
          "id",
          "created_at as atMs",
          "reference",
          "status",
          "amount as amountKes",
          "amount_paid as amountPaidKes",
          "session_name as sessionName",
          "date",
          "time",
        );
      // By when it was made, which does not change while somebody reads the pages.
      const rows = await readPage(query, { at: "created_at", id: "id" }, wish);
      return withReceipts(knex, z.array(bookingSchema).parse(rows));
    },
    async surplus(scope, wish = ALL) {
      const query = payments(scope)
        .where("payment.surplus", ">", 0)
        .where({ "payment.status": "paid" })
        .whereNull("payment.kept_at")
        .select(
          "payment.amount as paymentKes",
          "payment.id as id",
          "payment.requested_at as atMs",
          "payment.provider_ref as receipt",
          "payment.surplus as amountKes",
          "booking.id as bookingId",
          "booking.reference as reference",
          "payment.phone as payer",
        );
      const rows = await readPage(query, { at: "payment.requested_at", id: "payment.id" }, wish);
      return z.array(surplusSchema).parse(rows);
    },
    async unfinishedRefunds(scope, wish = ALL) {
      const query = ofSite(
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
        .select(
          "refund.id as id",
          "refund.requested_at as atMs",
          "refund.payment_id as paymentId",
          "refund.receipt as receipt",
          "refund.amount as amountKes",
          "refund.status as status",
          "refund.note as note",
        );
      const rows = await readPage(query, { at: "refund.requested_at", id: "refund.id" }, wish);
      return z.array(refundSchema).parse(rows);
    },
    async callbacks(scope, wish = ALL) {
      const all = knex("callbacks").leftJoin("payments as payment", "payment.id", "callbacks.payment_id");
      const query = callbacksOf(knex, all, scope)
        .where("callbacks.listed", 1)
        .andWhere((listed) => {
          void listed.where("callbacks.verdict", "unprocessable");
          void listed.orWhere((retried) => void retried.whereNull("callbacks.processed_at").where("callbacks.tries", ">=", TRIES_TO_LIST));
          void listed.orWhere((money) => void moneyThatNobodyHas(knex, money));
        })
        .select(
          "callbacks.id as id",
          "callbacks.received_at as atMs",
          "callbacks.kind as kind",
          "callbacks.payment_id as paymentId",
          "callbacks.verdict as verdict",
          "callbacks.receipt as receipt",
          "callbacks.note as note",
          "callbacks.tries as tries",
        );
      const rows = await readPage(query, { at: "callbacks.received_at", id: "callbacks.id" }, wish);
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
  const ids = bookings.map(({ id }) => id);
  const rows: unknown = await undecidedMoney(knex)
    .whereIn("pending_session_id", ids)
    .whereNotNull("provider_ref")
    .select("pending_session_id as bookingId", "provider_ref as receipt");
  const receipts = Map.groupBy(receiptRowsSchema.parse(rows), ({ bookingId }) => bookingId);
  return bookings.map((booking) => ({ ...booking, receipts: (receipts.get(booking.id) ?? []).map(({ receipt }) => receipt) }));
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
