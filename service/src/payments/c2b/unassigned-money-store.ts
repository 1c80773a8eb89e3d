import { z } from "zod";
import { uniqueViolation, type Database } from "../../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import type { Decision } from "../decision.ts";
import { readPage, type PageWish } from "../../platform/page.ts";
import { column, firstOrNull, rowMapper, text, wholeNumber } from "../../platform/row-mapper.ts";

/** Money that came by hand and matches no booking: kept until the owner says what it is for. */
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

/** `shortcode`: only what came to this paybill. `from`, `to`: when it was received. */
export type UnassignedMoneyFilter = {
  shortcode?: string | undefined;
  receipt?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
};

export type UnassignedMoneyStore = {
  /** `known`: this receipt is on the list already. */
  keep(money: UnassignedMoney): Promise<"kept" | "known">;
  /** Null: there is none, or it is assigned. */
  find(receipt: string): Promise<UnassignedMoney | null>;
  /** Also if it was assigned since. */
  read(receipt: string): Promise<UnassignedMoney | null>;
  /** What waits for a decision, newest first, from `wish.after`; one more than `wish.limit`, if there are as many. */
  list(filter?: UnassignedMoneyFilter, wish?: PageWish): Promise<UnassignedMoney[]>;
  /** `claim`: what was done is noted under it, in the same transaction. */
  markAssigned(receipt: string, paymentId: string, claim?: IdempotencyClaim | null): Promise<void>;
  /** A person decided that it belongs to no booking. It is no longer listed, and can still be assigned. Returns whether it was listed. */
  markKept(receipt: string, decision: Decision, options: { atMs: number; claim?: IdempotencyClaim | null }): Promise<boolean>;
};

const LIST_MAX = 500;
/** As long as its column. */
const WHY_MAX = 200;

const rows = rowMapper<UnassignedMoney>({
  receipt: text("receipt"),
  shortcode: text("shortcode"),
  accountNumber: text("account_number"),
  amountKes: wholeNumber("amount"),
  payer: text("payer"),
  why: column("why", z.string(), (why) => why.slice(0, WHY_MAX)),
  paidAtMs: wholeNumber("paid_at"),
  receivedAtMs: wholeNumber("received_at"),
});

export function createUnassignedMoneyStore({ knex }: Database): UnassignedMoneyStore {
  const unassigned = () => knex("unassigned_money");
  return {
    async keep(money) {
      try {
        await unassigned().insert(rows.toRow(money));
        return "kept";
      } catch (error) {
        if (uniqueViolation(error) === null) throw error;
        return "known";
      }
    },
    find: (receipt) => firstOrNull(unassigned().where({ receipt }).whereNull("payment_id"), rows.parse),
    read: (receipt) => firstOrNull(unassigned().where({ receipt }), rows.parse),
    async list({ shortcode, receipt, from, to } = {}, wish = { limit: LIST_MAX }) {
      const query = unassigned()
        .whereNull("payment_id")
        .whereNull("kept_at")
        // A prompt's callback may have brought the same money to its booking since.
        .whereNotExists(knex("payments").whereRaw("payments.provider_ref = unassigned_money.receipt").select(knex.raw("1")));
      if (shortcode !== undefined) void query.where({ shortcode });
      if (receipt !== undefined) void query.where({ receipt });
      if (from !== undefined) void query.where("received_at", ">=", from);
      if (to !== undefined) void query.where("received_at", "<", to);
      const found = await readPage(query, { at: "received_at", id: "receipt" }, wish);
      return found.map(rows.parse);
    },
    markKept: (receipt, { actor, note }, { atMs, claim = null }) =>
      knex.transaction(async (trx) => {
        const marked = await trx("unassigned_money")
          .where({ receipt })
          .whereNull("payment_id")
          .whereNull("kept_at")
          .update({ kept_at: atMs, kept_by: actor.slice(0, 120), kept_why: note.slice(0, 500) });
        if (marked > 0) await noteClaim(trx, claim, receipt);
        return marked > 0;
      }),
    markAssigned: (receipt, paymentId, claim = null) =>
      knex.transaction(async (trx) => {
        await trx("unassigned_money").where({ receipt }).update({ payment_id: paymentId });
        await noteClaim(trx, claim, paymentId);
      }),
  };
}
