/** The files that owners can save: their columns, and how a row of the database fills them. */
import type { Knex } from "knex";
import { z } from "zod";
import { maskPhone } from "../../platform/masking.ts";
import { nairobiDate, nairobiTime } from "../../platform/nairobi-day.ts";

export type Cell = string | number | null;

/** `at`, `id`: what the rows are ordered by, newest first; an index begins with the site or paybill, and goes on with `at`. */
export type ExportFile = {
  columns: readonly string[];
  at: string;
  id: string;
  /** @param shortcode the site's own paybill; null: it shares one, and money without a booking may be another site's */
  query(knex: Knex, siteId: string, shortcode: string | null): Knex.QueryBuilder | null;
  toRow(row: unknown): { position: { atMs: number; id: string }; cells: Cell[] };
};

const moment = (atMs: number | null): Cell => (atMs === null ? null : `${nairobiDate(atMs)} ${nairobiTime(atMs)}`);

const bookingFacts = {
  reference: z.string(),
  parent_name: z.string(),
  child_name: z.string(),
  email: z.string(),
  session_name: z.string(),
  date: z.string(),
  time: z.string(),
};
const paymentSchema = z.object({
  id: z.string(),
  ...bookingFacts,
  status: z.string(),
  reason: z.string().nullable(),
  amount: z.number(),
  surplus: z.number(),
  provider_ref: z.string().nullable(),
  phone: z.string(),
  requested_at: z.number(),
  paid_at: z.number().nullable(),
});

const payments: ExportFile = {
  columns: [
    "Begun",
    "Paid",
    "Status",
    "Why not",
    "KES",
    "Not needed",
    "Receipt",
    "Phone",
    "Reference",
    "Parent",
    "Child",
    "Session",
    "Date",
    "Time",
    "Payment",
  ],
  at: "payment.requested_at",
  id: "payment.id",
  query: (knex, siteId) =>
    knex("payments as payment")
      .join("pending_sessions as booking", "booking.id", "payment.pending_session_id")
      .where({ "payment.site_id": siteId })
      .select("payment.*", ...Object.keys(bookingFacts).map((name) => `booking.${name} as ${name}`)),
  toRow(row) {
    const payment = paymentSchema.parse(row);
    const { id, status, reason, amount, surplus, provider_ref, phone, requested_at, paid_at } = payment;
    const { reference, parent_name, child_name, session_name, date, time } = payment;
    const money = [moment(requested_at), moment(paid_at), status, reason, amount, surplus, provider_ref, maskPhone(phone)];
    return {
      position: { atMs: requested_at, id },
      cells: [...money, reference, parent_name, child_name, session_name, date, time, id],
    };
  },
};

const bookingSchema = z.object({
  id: z.string(),
  ...bookingFacts,
  status: z.string(),
  amount: z.number(),
  amount_paid: z.number(),
  created_at: z.number(),
});

const bookings: ExportFile = {
  columns: ["Made", "Reference", "Status", "Parent", "Child", "E-mail", "Session", "Date", "Time", "KES", "KES paid", "Booking"],
  at: "created_at",
  id: "id",
  query: (knex, siteId) => knex("pending_sessions").where({ site_id: siteId }),
  toRow(row) {
    const booking = bookingSchema.parse(row);
    const { id, reference, status, parent_name, child_name, email, session_name, date, time, amount, amount_paid, created_at } = booking;
    return {
      position: { atMs: created_at, id },
      cells: [moment(created_at), reference, status, parent_name, child_name, email, session_name, date, time, amount, amount_paid, id],
    };
  },
};

const moneySchema = z.object({
  receipt: z.string(),
  amount: z.number(),
  account_number: z.string(),
  payer: z.string(),
  why: z.string(),
  paid_at: z.number(),
  received_at: z.number(),
  payment_id: z.string().nullable(),
  kept_at: z.number().nullable(),
  kept_by: z.string().nullable(),
  kept_why: z.string().nullable(),
});

const money: ExportFile = {
  columns: [
    "Received",
    "Paid",
    "Receipt",
    "KES",
    "Account",
    "Payer",
    "Why it had no booking",
    "State",
    "Decided by",
    "Decision",
    "Payment",
  ],
  at: "received_at",
  id: "receipt",
  query: (knex, _siteId, shortcode) => (shortcode === null ? null : knex("unassigned_money").where({ shortcode })),
  toRow(row) {
    const { receipt, amount, account_number, payer, why, paid_at, received_at, payment_id, kept_at, kept_by, kept_why } =
      moneySchema.parse(row);
    const state = payment_id !== null ? "assigned" : kept_at !== null ? "kept" : "waiting";
    const facts = [moment(received_at), moment(paid_at), receipt, amount, account_number, maskPhone(payer), why];
    return { position: { atMs: received_at, id: receipt }, cells: [...facts, state, kept_by, kept_why, payment_id] };
  },
};

const refundSchema = z.object({
  id: z.string(),
  payment_id: z.string(),
  reference: z.string(),
  receipt: z.string(),
  amount: z.number(),
  status: z.string(),
  note: z.string().nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
  requested_at: z.number(),
  ended_at: z.number().nullable(),
});

const refunds: ExportFile = {
  columns: ["Asked", "Ended", "Status", "KES", "Receipt", "Reference", "Asked by", "Why", "Note", "Payment", "Refund"],
  at: "refund.requested_at",
  id: "refund.id",
  query: (knex, siteId) =>
    knex("refunds as refund")
      .join("payments as payment", "payment.id", "refund.payment_id")
      .join("pending_sessions as booking", "booking.id", "payment.pending_session_id")
      .where({ "refund.site_id": siteId })
      .select("refund.*", "booking.reference as reference"),
  toRow(row) {
    const { id, payment_id, reference, receipt, amount, status, note, actor, reason, requested_at, ended_at } = refundSchema.parse(row);
    return {
      position: { atMs: requested_at, id },
      cells: [moment(requested_at), moment(ended_at), status, amount, receipt, reference, actor, reason, note, payment_id, id],
    };
  },
};

export const exportFiles = { payments, bookings, money, refunds } as const;
export type ExportName = keyof typeof exportFiles;
