import type { Knex } from "knex";
import { z } from "zod";
import { refundStatuses, type RefundStatus } from "../../contract.ts";
import { uniqueViolation, type Database } from "../../platform/database.ts";
import { column, firstOrNull, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "../../platform/row-mapper.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";

/** One request to Safaricom to reverse a payment. */
export type Refund = {
  id: string;
  siteId: string;
  paymentId: string;
  receipt: string;
  amountKes: number;
  /** The account that is asked to give the money back: the payment's. */
  mpesaAccountId: string | null;
  status: RefundStatus;
  resultSecretHash: string;
  conversationId: string | null;
  resultCode: string | null;
  note: string | null;
  /** Who asked for it, and why. */
  actor: string | null;
  reason: string | null;
  requestedAtMs: number;
  endedAtMs: number | null;
};

export type RefundStep = {
  status: RefundStatus;
  conversationId?: string | null;
  resultCode?: string | null;
  note?: string | null;
  /** null: the result is still to come. */
  endedAtMs: number | null;
};

export type RefundStore = {
  /** `open`: another refund of this payment, begun after `openSinceMs`, waits for its result. An older one becomes `unknown`. `not_paid`: the payment was refunded meanwhile. */
  begin(refund: Refund, openSinceMs: number, claim: IdempotencyClaim | null): Promise<"begun" | "open" | "not_paid">;
  /** Only if its status is one of `from`; returns whether it was. */
  step(refundId: string, from: readonly RefundStatus[], step: RefundStep): Promise<boolean>;
  byId(refundId: string): Promise<Refund | null>;
  bySecretHash(resultSecretHash: string): Promise<Refund | null>;
  /** Oldest first. */
  ofPayment(paymentId: string): Promise<Refund[]>;
  /** Begun before `requestedBeforeMs`, and still without a result. */
  overdue(requestedBeforeMs: number, most: number): Promise<Refund[]>;
};

/** As long as their columns. */
const NOTE_MAX = 500;
const RESULT_CODE_MAX = 32;
const ACTOR_MAX = 120;

const rows = rowMapper<Refund>({
  id: text("id"),
  siteId: text("site_id"),
  paymentId: text("payment_id"),
  receipt: text("receipt"),
  amountKes: wholeNumber("amount"),
  mpesaAccountId: optionalText("mpesa_account_id"),
  status: column("status", z.enum(refundStatuses)),
  resultSecretHash: text("result_secret_hash"),
  conversationId: optionalText("conversation_id"),
  resultCode: optionalText("result_code", RESULT_CODE_MAX),
  note: optionalText("note", NOTE_MAX),
  actor: optionalText("actor", ACTOR_MAX),
  reason: optionalText("reason", NOTE_MAX),
  requestedAtMs: wholeNumber("requested_at"),
  endedAtMs: optionalNumber("ended_at"),
});

/** Thrown inside a transaction to undo it. */
class PaymentNotPaid extends Error {}

export function createRefundStore({ knex }: Database): RefundStore {
  const one = (query: Knex.QueryBuilder): Promise<Refund | null> => firstOrNull(query, rows.parse);
  return {
    async begin(refund, openSinceMs, claim) {
      try {
        await knex.transaction(async (trx) => {
          // Locks the payment's row: a refund that ends at this moment has made the payment `refunded`, or ends after this one has begun.
          const paid = await trx("payments").where({ id: refund.paymentId, status: "paid" }).update({ updated_at: refund.requestedAtMs });
          if (paid === 0) throw new PaymentNotPaid();
          await trx("refunds")
            .where({ open_key: refund.paymentId })
            .where("requested_at", "<", openSinceMs)
            .update({ status: "unknown", open_key: null, ended_at: refund.requestedAtMs, note: "no answer came; asked again" });
          await trx("refunds").insert({ ...rows.toRow(refund), open_key: refund.endedAtMs === null ? refund.paymentId : null });
          await noteClaim(trx, claim, refund.id);
        });
        return "begun";
      } catch (error) {
        if (error instanceof PaymentNotPaid) return "not_paid";
        if (uniqueViolation(error)?.includes("open_key")) return "open";
        throw error;
      }
    },
    async step(refundId, from, { status, conversationId, resultCode, note, endedAtMs }) {
      const row = {
        status,
        ended_at: endedAtMs,
        ...(endedAtMs !== null && { open_key: null }),
        ...(conversationId !== undefined && { conversation_id: conversationId }),
        ...(resultCode !== undefined && { result_code: resultCode?.slice(0, RESULT_CODE_MAX) ?? null }),
        ...(note !== undefined && { note: note?.slice(0, NOTE_MAX) ?? null }),
      };
      return (
        (await knex("refunds")
          .where({ id: refundId })
          .whereIn("status", [...from])
          .update(row)) > 0
      );
    },
    byId: (refundId) => one(knex("refunds").where({ id: refundId })),
    bySecretHash: (resultSecretHash) => one(knex("refunds").where({ result_secret_hash: resultSecretHash })),
    async ofPayment(paymentId) {
      const all = await knex("refunds").where({ payment_id: paymentId }).orderBy(["requested_at", "id"]);
      return all.map(rows.parse);
    },
    async overdue(requestedBeforeMs, most) {
      const late = await knex("refunds")
        .whereIn("status", ["requested", "sent"])
        .where("requested_at", "<", requestedBeforeMs)
        .orderBy("requested_at")
        .limit(most);
      return late.map(rows.parse);
    },
  };
}
