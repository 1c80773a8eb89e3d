import type { Knex } from "knex";
import { z } from "zod";
import { uniqueViolation, type Database } from "../../platform/database.ts";
import { column, firstOrNull, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "../../platform/row-mapper.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";

const statuses = ["checking", "counted", "not_found", "not_this_payment", "used", "unanswered"] as const;
/**
 * `checking`: Safaricom is looking it up. `counted`: it paid for the booking. `not_found`: Safaricom knows no such code. `not_this_payment`: it is not
 * this booking's money. `used`: it has paid for something else. `unanswered`: Safaricom did not answer; a late answer still counts.
 */
export type ReceiptCheckStatus = (typeof statuses)[number];

/** A receipt code that a parent typed, and its result. */
export type ReceiptCheck = {
  id: string;
  siteId: string;
  bookingId: string;
  receipt: string;
  status: ReceiptCheckStatus;
  resultSecretHash: string;
  note: string | null;
  requestedAtMs: number;
  endedAtMs: number | null;
};

/** Every writing method is one transaction that also raises the booking's version, so that open streams show the change. */
export type ReceiptCheckStore = {
  /** `open`: another code of this booking is being checked. */
  begin(check: ReceiptCheck, claim: IdempotencyClaim | null): Promise<"begun" | "open">;
  /** Ends a check that has no answer yet; returns whether it did. */
  end(check: ReceiptCheck, ending: { status: ReceiptCheckStatus; note: string | null; atMs: number }): Promise<boolean>;
  newestOf(bookingId: string): Promise<ReceiptCheck | null>;
  bySecretHash(resultSecretHash: string): Promise<ReceiptCheck | null>;
  /** Begun before `requestedBeforeMs` and not answered. */
  overdue(requestedBeforeMs: number, most: number): Promise<ReceiptCheck[]>;
};

/** As long as its column. */
const NOTE_MAX = 500;

const rows = rowMapper<ReceiptCheck>({
  id: text("id"),
  siteId: text("site_id"),
  bookingId: text("pending_session_id"),
  receipt: text("receipt"),
  status: column("status", z.enum(statuses)),
  resultSecretHash: text("result_secret_hash"),
  note: optionalText("note", NOTE_MAX),
  requestedAtMs: wholeNumber("requested_at"),
  endedAtMs: optionalNumber("ended_at"),
});

/** Thrown inside a transaction to undo it. */
class EndedAlready extends Error {}

export function createReceiptCheckStore({ knex }: Database): ReceiptCheckStore {
  const one = (query: Knex.QueryBuilder): Promise<ReceiptCheck | null> => firstOrNull(query, rows.parse);
  return {
    async begin(check, claim) {
      try {
        await knex.transaction(async (trx) => {
          await raiseVersion(trx, check.bookingId, check.requestedAtMs);
          await trx("receipt_checks").insert({ ...rows.toRow(check), open_key: check.status === "checking" ? check.bookingId : null });
          await noteClaim(trx, claim, check.id);
        });
        return "begun";
      } catch (error) {
        if (uniqueViolation(error)?.includes("open_key")) return "open";
        throw error;
      }
    },
    async end({ id, bookingId }, { status, note, atMs }) {
      try {
        await knex.transaction(async (trx) => {
          await raiseVersion(trx, bookingId, atMs);
          const ended = await trx("receipt_checks")
            .where({ id })
            .whereIn("status", status === "unanswered" ? ["checking"] : ["checking", "unanswered"])
            .update({ status, open_key: null, note: note?.slice(0, NOTE_MAX) ?? null, ended_at: atMs });
          if (ended === 0) throw new EndedAlready();
        });
        return true;
      } catch (error) {
        if (error instanceof EndedAlready) return false;
        throw error;
      }
    },
    newestOf: (bookingId) =>
      one(knex("receipt_checks").where({ pending_session_id: bookingId }).orderBy("requested_at", "desc").orderBy("id", "desc")),
    bySecretHash: (resultSecretHash) => one(knex("receipt_checks").where({ result_secret_hash: resultSecretHash })),
    async overdue(requestedBeforeMs, most) {
      const late = await knex("receipt_checks")
        .where({ status: "checking" })
        .where("requested_at", "<", requestedBeforeMs)
        .orderBy("requested_at")
        .limit(most);
      return late.map(rows.parse);
    },
  };
}

/** Comes first, as in every change of a booking: it locks the booking's row, so that two changes cannot deadlock. */
async function raiseVersion(trx: Knex.Transaction, bookingId: string, atMs: number): Promise<void> {
  await trx("pending_sessions")
    .where({ id: bookingId })
    .update({ version: trx.raw("version + 1"), updated_at: atMs });
}
