import { normaliseReference } from "../c2b/match-payment.ts";
import { recordMoney } from "../c2b/record-money.ts";
import { amountDueKes } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import type { Recorder } from "../record-outcome.ts";

/** `booked`: the session is booked. `part`: it is a part of the price. `kept`: the booking cannot take place by itself any more; the owner decides. */
export type Assignment = "booked" | "part" | "surplus" | "kept" | "no_such_money" | "no_such_booking";

/** The owner says which booking money was for. It counts for the booking like every payment without a prompt. */
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
  const file = await store.load(bookingId);
  if (!file) throw new Error(`booking ${bookingId} does not exist`);
  if (attempt && attempt.surplusKes >= amountKes) return "surplus";
  if (file.booking.status === "booked") return "booked";
  return amountDueKes(file) > 0 ? "part" : "kept";
}
