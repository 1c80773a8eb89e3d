/** A parent who pays from the M-Pesa menu. */
import type { BookingView } from "../../service/src/contract.ts";
import { drawNotice, type HandPlan } from "./hand-plan.ts";
import type { PayerParts } from "./payer-parts.ts";
import type { PayerPlan } from "./payer-plan.ts";

/** @returns the receipt; null if M-Pesa refused */
export async function payByHand(
  { control, paybill, injected, happened }: PayerParts,
  { phone, random }: PayerPlan,
  { kind, overKes, typed }: HandPlan,
  { reference, amount }: BookingView,
): Promise<string | null> {
  control.setFaultsForPhone(phone, drawNotice(random));
  const outcome = await control.payByHand({
    phone,
    payTo: paybill(),
    accountNumber: typed(reference),
    amountKes: amount + overKes,
  });
  if (outcome.status === "refused") {
    happened(`money by hand refused: ${outcome.code} ${outcome.reason}`);
    return null;
  }
  injected(kind);
  return outcome.receipt;
}
