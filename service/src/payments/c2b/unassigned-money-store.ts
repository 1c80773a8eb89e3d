import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import { uniqueViolation, type Database } from "../../platform/database.ts";

/** Money that came by hand and could not be given to a booking: kept until the owner says what it is for. */
export type UnassignedMoney = {
  receipt: string;
  shortcode: string;
  accountNumber: string;
  amountKes: number;
  /** Masked by M-Pesa. */
  payer: string;
  why: string;
  paidAtMs: number;
  receivedAtMs: number;
};

export type SurplusPayment = { receipt: string | null; amountKes: number; reference: string; payer: string; paidAtMs: number };

export type PaymentWithAttention = { reference: string; amountKes: number; payer: string; attention: string };

export type UnfinishedRefund = { receipt: string; amountKes: number; status: string; note: string | null };

/** What is known of money beside the attempts: who it may come from, which booking it names, and what nobody has claimed. */
export type MoneyStore = {
  bookingIdByReference(reference: string): Promise<string | null>;
  isReceiptPaid(receipt: string): Promise<boolean>;
  /** Whether a prompt of another booking went to this payer for this amount, within a day, and may have been paid without our knowing. */
  isAwaitedElsewhere(money: { bookingId: string; payer: string; amountKes: number; paidAtMs: number }): Promise<boolean>;
  /** `known`: this receipt is on the list already. */
  keepUnassigned(money: UnassignedMoney): Promise<"kept" | "known">;
  findUnassigned(receipt: string): Promise<UnassignedMoney | null>;
  listUnassigned(): Promise<UnassignedMoney[]>;
  markAssigned(receipt: string, paymentId: string): Promise<void>;
  /** Paid beyond what a booking needed; newest first. */
  listSurplus(): Promise<SurplusPayment[]>;
  /** Refunds of payments that are still `paid`: awaited, failed, or without a clear answer; the newest of each payment. */
  listUnfinishedRefunds(): Promise<UnfinishedRefund[]>;
  /** Open payments about which Safaricom said something that nobody knows; oldest first. */
  listAttention(): Promise<PaymentWithAttention[]>;
  /** The shortcode whose C2B notices come in on the address with this secret; null: we registered no such address. */
  shortcodeOfAddress(secretHash: string): Promise<string | null>;
  hasAddress(shortcode: string): Promise<boolean>;
  addAddress(secretHash: string, shortcode: string): Promise<void>;
  removeAddress(secretHash: string): Promise<void>;
};

const moneyRowSchema = z
  .object({
    receipt: z.string(),
    shortcode: z.string(),
    account_number: z.string(),
    amount: z.number(),
    payer: z.string(),
    why: z.string(),
    paid_at: z.number(),
    received_at: z.number(),
  })
  .transform((row): UnassignedMoney => ({
    receipt: row.receipt,
    shortcode: row.shortcode,
    accountNumber: row.account_number,
    amountKes: row.amount,
    payer: row.payer,
    why: row.why,
    paidAtMs: row.paid_at,
    receivedAtMs: row.received_at,
  }));

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

const attentionRowSchema = z.object({ reference: z.string(), amountKes: z.number(), payer: z.string(), attention: z.string() });

const LIST_MAX = 500;
const DAY_MS = 24 * 60 * 60_000;

export function createMoneyStore({ knex }: Database, now: Clock): MoneyStore {
  const unassigned = () => knex("unassigned_money");
  return {
    async bookingIdByReference(reference) {
      const row: unknown = await knex("pending_sessions").where({ reference }).first("id");
      return z.object({ id: z.string() }).optional().parse(row)?.id ?? null;
    },
    isReceiptPaid: async (receipt) => (await knex("payments").where({ provider_ref: receipt }).first("id")) !== undefined,
    async isAwaitedElsewhere({ bookingId, payer, amountKes, paidAtMs }) {
      // M-Pesa may hide the middle of a number.
      const pattern = /^\d{3,}[*•xX]*\d*$/.test(payer) ? payer.replace(/[*•xX]+/, "%") : null;
      if (pattern === null) return false;
      const row: unknown = await knex("payments")
        // Not knex's whereLike: on MySQL it names a collation that our tables do not have.
        .whereRaw("phone LIKE ?", [pattern])
        .whereBetween("requested_at", [paidAtMs - DAY_MS, paidAtMs + DAY_MS])
        .where({ amount: amountKes })
        .whereNull("provider_ref")
        .whereNot({ pending_session_id: bookingId })
        .first("id");
      return row !== undefined;
    },
    async keepUnassigned(money) {
      try {
        await unassigned().insert({
          receipt: money.receipt,
          shortcode: money.shortcode,
          account_number: money.accountNumber,
          amount: money.amountKes,
          payer: money.payer,
          why: money.why.slice(0, 200),
          paid_at: money.paidAtMs,
          received_at: money.receivedAtMs,
        });
        return "kept";
      } catch (error) {
        if (uniqueViolation(error) === null) throw error;
        return "known";
      }
    },
    async findUnassigned(receipt) {
      const row: unknown = await unassigned().where({ receipt }).whereNull("payment_id").first();
      return row === undefined ? null : moneyRowSchema.parse(row);
    },
    async listUnassigned() {
      const rows = await unassigned()
        .whereNull("payment_id")
        // A prompt's callback may have brought the same money to its booking since.
        .whereNotExists(knex("payments").whereRaw("payments.provider_ref = unassigned_money.receipt").select(knex.raw("1")))
        .orderBy("received_at", "desc")
        .limit(LIST_MAX);
      return rows.map((row: unknown) => moneyRowSchema.parse(row));
    },
    markAssigned: async (receipt, paymentId) => void (await unassigned().where({ receipt }).update({ payment_id: paymentId })),
    async listSurplus() {
      const rows = await knex("payments as payment")
        .join("pending_sessions as booking", "booking.id", "payment.pending_session_id")
        .where({ "payment.surplus": 1, "payment.status": "paid" })
        .orderBy("payment.paid_at", "desc")
        .limit(LIST_MAX)
        .select(
          "payment.provider_ref as receipt",
          "payment.amount as amount",
          "booking.reference as reference",
          "payment.phone as payer",
          "payment.paid_at as paid_at",
        );
      return rows.map((row: unknown) => surplusRowSchema.parse(row));
    },
    async listUnfinishedRefunds() {
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
    async listAttention() {
      const rows = await knex("payments as payment")
        .join("pending_sessions as booking", "booking.id", "payment.pending_session_id")
        .whereNotNull("payment.open_key")
        .whereNotNull("payment.attention")
        .orderBy("payment.requested_at")
        .limit(LIST_MAX)
        .select(
          "booking.reference as reference",
          "payment.amount as amountKes",
          "payment.phone as payer",
          "payment.attention as attention",
        );
      return rows.map((row: unknown) => attentionRowSchema.parse(row));
    },
    async shortcodeOfAddress(secretHash) {
      const row: unknown = await knex("c2b_addresses").where({ secret_hash: secretHash }).first("shortcode");
      return z.object({ shortcode: z.string() }).optional().parse(row)?.shortcode ?? null;
    },
    hasAddress: async (shortcode) => (await knex("c2b_addresses").where({ shortcode }).first("shortcode")) !== undefined,
    addAddress: async (secretHash, shortcode) =>
      void (await knex("c2b_addresses").insert({ secret_hash: secretHash, shortcode, registered_at: now() })),
    removeAddress: async (secretHash) => void (await knex("c2b_addresses").where({ secret_hash: secretHash }).delete()),
  };
}
