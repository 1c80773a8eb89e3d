/** Changes that arrive together, in one transaction: a statement for each table instead of several for each change. */
import type { Knex } from "knex";
import { isRetryable, uniqueViolation, type Database } from "../../platform/database.ts";
import { updateMany } from "../../platform/update-many.ts";
import { historyRow, sessionRow, VersionMovedOn } from "./change-rows.ts";
import { RESULT_CODE_MAX } from "./payment-rows.ts";
import type { Change } from "./change.ts";
import { writeWebhooks } from "./webhook-rows.ts";

/** @returns whether all were written; if not, nothing was: one of them cannot be written, and each must be tried by itself */
export async function commitTogether({ knex, kind }: Database, changes: readonly Change[]): Promise<boolean> {
  // In one order, so that two groups cannot wait for each other.
  const ordered = changes.toSorted((left, right) => (left.booking.id < right.booking.id ? -1 : 1));
  try {
    await knex.transaction((trx) => writeTogether(trx, kind, ordered));
    return true;
  } catch (error) {
    const isOneOfThem = error instanceof VersionMovedOn || uniqueViolation(error) !== null || isRetryable(error);
    if (isOneOfThem) return false;
    throw error;
  }
}

/** As `writeChange` in payment-store.ts: a statement for each table instead of one for each row. */
async function writeTogether(trx: Knex.Transaction, kind: Database["kind"], changes: readonly Change[]): Promise<void> {
  const guarded = await updateMany(trx, kind, {
    table: "pending_sessions",
    on: ["id", "version"],
    set: { version: "t.version + 1", updated_at: "v.at", status: "v.new_status", processed: "v.done", amount_paid: "v.paid" },
    rows: changes.map(({ booking, bookingStatus, amountPaidKes, history }) => ({
      id: booking.id,
      version: booking.version,
      at: history.atMs,
      new_status: bookingStatus,
      done: bookingStatus === "booked" ? 1 : 0,
      paid: amountPaidKes,
    })),
  });
  if (guarded !== changes.length) throw new VersionMovedOn();
  await writeAttemptsTogether(trx, kind, changes);
  await trx("payment_history").insert(changes.map(historyRow));
  const sessions = changes.flatMap(({ booking, attempt, session }) => (session ? [sessionRow(booking, attempt, session)] : []));
  if (sessions.length > 0) await trx("sessions").insert(sessions);
  await writeWebhooks(trx, changes);
  await markTogether(trx, kind, changes);
}

async function writeAttemptsTogether(trx: Knex.Transaction, kind: Database["kind"], changes: readonly Change[]): Promise<void> {
  const rows = changes.map(({ attempt, before, session, history }) => ({
    id: attempt.id,
    session_id: session?.id ?? attempt.sessionId,
    status: attempt.status,
    reason: attempt.reason,
    surplus: attempt.surplusKes,
    checkout_request_id: attempt.checkoutRequestId,
    provider_ref: attempt.receipt,
    result_code: attempt.resultCode?.slice(0, RESULT_CODE_MAX) ?? null,
    retry_at: attempt.retryAtMs,
    paid_at: attempt.paidAtMs,
    ended_at: attempt.endedAtMs,
    at: history.atMs,
    next_query_at: attempt.nextQueryAtMs,
    // As in `writeAttempt`: kept, or set, or kept if there is an unverified callback.
    query_step: attempt.nextQueryAtMs === before?.nextQueryAtMs ? 0 : attempt.status === "failed" ? 2 : 1,
  }));
  const same = ["session_id", "status", "reason", "surplus", "checkout_request_id", "provider_ref", "result_code"];
  const times = ["retry_at", "paid_at", "ended_at"];
  const found = await updateMany(trx, kind, {
    table: "payments",
    on: ["id"],
    set: {
      ...Object.fromEntries([...same, ...times].map((name) => [name, `v.${name}`])),
      open_key: "NULL",
      updated_at: "v.at",
      next_query_at:
        "CASE WHEN v.query_step = 1 OR (v.query_step = 2 AND t.unverified_at IS NULL) THEN v.next_query_at ELSE t.next_query_at END",
    },
    rows,
  });
  if (found !== changes.length) throw new Error(`${changes.length - found} attempts are gone`);
}

async function markTogether(trx: Knex.Transaction, kind: Database["kind"], changes: readonly Change[]): Promise<void> {
  await updateMany(trx, kind, {
    table: "callbacks",
    on: ["id"],
    set: { verdict: "v.new_verdict", payment_id: "v.payment", receipt: "v.new_receipt", note: "v.new_note", processed_at: "v.at" },
    rows: changes.flatMap(({ processed }) =>
      processed
        ? [
            {
              id: processed.callbackId,
              new_verdict: processed.result.verdict,
              payment: processed.result.paymentId,
              new_receipt: processed.result.receipt,
              new_note: processed.result.note?.slice(0, 500) ?? null,
              at: processed.result.atMs,
            },
          ]
        : [],
    ),
  });
}
