import { z } from "zod";
import { uniqueViolation, type Database } from "../../platform/database.ts";

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

export type UnassignedMoneyStore = {
  /** `known`: this receipt is on the list already. */
  keep(money: UnassignedMoney): Promise<"kept" | "known">;
  find(receipt: string): Promise<UnassignedMoney | null>;
  /** Newest first. */
  list(): Promise<UnassignedMoney[]>;
  markAssigned(receipt: string, paymentId: string): Promise<void>;
};

const LIST_MAX = 500;
/** As long as its column. */
const WHY_MAX = 200;

const rowSchema = z
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

export function createUnassignedMoneyStore({ knex }: Database): UnassignedMoneyStore {
  const unassigned = () => knex("unassigned_money");
  return {
    async keep(money) {
      try {
        await unassigned().insert(toRow(money));
        return "kept";
      } catch (error) {
        if (uniqueViolation(error) === null) throw error;
        return "known";
      }
    },
    async find(receipt) {
      const row: unknown = await unassigned().where({ receipt }).whereNull("payment_id").first();
      return row === undefined ? null : rowSchema.parse(row);
    },
    async list() {
      const rows = await unassigned()
        .whereNull("payment_id")
        // A prompt's callback may have brought the same money to its booking since.
        .whereNotExists(knex("payments").whereRaw("payments.provider_ref = unassigned_money.receipt").select(knex.raw("1")))
        .orderBy("received_at", "desc")
        .limit(LIST_MAX);
      return rows.map((row: unknown) => rowSchema.parse(row));
    },
    markAssigned: async (receipt, paymentId) => void (await unassigned().where({ receipt }).update({ payment_id: paymentId })),
  };
}

function toRow(money: UnassignedMoney): object {
  return {
    receipt: money.receipt,
    shortcode: money.shortcode,
    account_number: money.accountNumber,
    amount: money.amountKes,
    payer: money.payer,
    why: money.why.slice(0, WHY_MAX),
    paid_at: money.paidAtMs,
    received_at: money.receivedAtMs,
  };
}
