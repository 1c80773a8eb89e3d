import { normaliseReference } from "../c2b/match-payment.ts";
import { recordMoney } from "../c2b/record-money.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import type { Recorder } from "../record-outcome.ts";

export type Assignment = "assigned" | "surplus" | "no_such_money" | "no_such_booking";

/** The owner says which booking money was for. It books the session if it is the booking's amount; otherwise it is kept with it as surplus. */
export async function assignMoney(
  deps: Recorder & Pick<PaymentsDependencies, "unassignedMoney">,
  receipt: string,
  reference: string,
): Promise<Assignment> {
  const { store, unassignedMoney } = deps;
  const found = await unassignedMoney.find(receipt.toUpperCase());
  if (!found) return "no_such_money";
  const bookingId = await store.bookingIdByReference(normaliseReference(reference));
  if (bookingId === null) return "no_such_booking";
  const { receipt: code, amountKes, payer, paidAtMs } = found;
  const money = { receipt: code, amountKes, payer, paidAtMs };
  const { attempt } = await recordMoney(deps, bookingId, money, { source: "owner", note: "assigned by the owner" });
  if (attempt) await unassignedMoney.markAssigned(code, attempt.id);
  return attempt?.surplus === false ? "assigned" : "surplus";
}
