import type { Knex } from "knex";
import { z } from "zod";
import { refundStatuses, type RefundStatus } from "../../contract.ts";
import { uniqueViolation, type Database } from "../../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";

/** One request to Safaricom to give a payment's money back. */
export type Refund = {
  id: string;
  siteId: string;
  paymentId: string;
  receipt: string;
  amountKes: number;
  status: RefundStatus;
  resultSecretHash: string;
  conversationId: string | null;
  resultCode: string | null;
  note: string | null;
  requestedAtMs: number;
  endedAtMs: number | null;
};

export type RefundStep = {
  status: RefundStatus;
  conversationId?: string | null;
  resultCode?: string | null;
  note?: string | null;
  /** null: its answer is still awaited. */
  endedAtMs: number | null;
};

export type RefundStore = {
  /** `open`: another one of this payment, begun since `openSinceMs`, waits for its answer. An older one is `unknown` from then on. */
  begin(refund: Refund, openSinceMs: number, claim: IdempotencyClaim | null): Promise<"begun" | "open">;
  /** Only from one of `from`; returns whether it was. */
  step(refundId: string, from: readonly RefundStatus[], step: RefundStep): Promise<boolean>;
  byId(refundId: string): Promise<Refund | null>;
  bySecretHash(resultSecretHash: string): Promise<Refund | null>;
  /** Oldest first. */
  ofPayment(paymentId: string): Promise<Refund[]>;
  /** Begun before `requestedBeforeMs`, and their answer is awaited. */
  overdue(requestedBeforeMs: number, most: number): Promise<Refund[]>;
};

const rowSchema = z
  .object({
    id: z.string(),
    site_id: z.string(),
    payment_id: z.string(),
    receipt: z.string(),
    amount: z.number(),
    status: z.enum(refundStatuses),
    result_secret_hash: z.string(),
    conversation_id: z.string().nullable(),
    result_code: z.string().nullable(),
    note: z.string().nullable(),
    requested_at: z.number(),
    ended_at: z.number().nullable(),
  })
  .transform((row): Refund => ({
    id: row.id,
    siteId: row.site_id,
    paymentId: row.payment_id,
    receipt: row.receipt,
    amountKes: row.amount,
    status: row.status,
    resultSecretHash: row.result_secret_hash,
    conversationId: row.conversation_id,
    resultCode: row.result_code,
    note: row.note,
    requestedAtMs: row.requested_at,
    endedAtMs: row.ended_at,
  }));

const NOTE_MAX = 500;
const RESULT_CODE_MAX = 32;

export function createRefundStore({ knex }: Database): RefundStore {
  const one = async (query: Knex.QueryBuilder): Promise<Refund | null> => {
    const row: unknown = await query.first();
    return row === undefined ? null : rowSchema.parse(row);
  };
  return {
    async begin(refund, openSinceMs, claim) {
      try {
        await knex.transaction(async (trx) => {
          await trx("refunds")
            .where({ open_key: refund.paymentId })
            .where("requested_at", "<", openSinceMs)
            .update({ status: "unknown", open_key: null, ended_at: refund.requestedAtMs, note: "no answer came; asked again" });
          await trx("refunds").insert(toRow(refund));
          await noteClaim(trx, claim, refund.id);
        });
        return "begun";
      } catch (error) {
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
      const rows = await knex("refunds").where({ payment_id: paymentId }).orderBy(["requested_at", "id"]);
      return rows.map((row: unknown) => rowSchema.parse(row));
    },
    async overdue(requestedBeforeMs, most) {
      const rows = await knex("refunds")
        .whereIn("status", ["requested", "sent"])
        .where("requested_at", "<", requestedBeforeMs)
        .orderBy("requested_at")
        .limit(most);
      return rows.map((row: unknown) => rowSchema.parse(row));
    },
  };
}

function toRow(refund: Refund): object {
  return {
    id: refund.id,
    site_id: refund.siteId,
    payment_id: refund.paymentId,
    receipt: refund.receipt,
    amount: refund.amountKes,
    status: refund.status,
    open_key: refund.endedAtMs === null ? refund.paymentId : null,
    result_secret_hash: refund.resultSecretHash,
    conversation_id: refund.conversationId,
    result_code: refund.resultCode,
    note: refund.note,
    requested_at: refund.requestedAtMs,
    ended_at: refund.endedAtMs,
  };
}
