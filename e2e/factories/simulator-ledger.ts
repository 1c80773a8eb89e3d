import { hashSecret } from "../../service/src/platform/ids.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import type { LedgerEntry as Movement } from "../daraja-simulator/ledger.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import type { LedgerEntry } from "../ledger-audit/snapshot.ts";
import { secretOf } from "./secret-of.ts";

type Truth = { readonly ledger: readonly Movement[]; readonly prompts: readonly PromptView[] };

/** Stands for the booking of money that answered a prompt without an attempt. Equals no booking's id. */
const OF_NO_ATTEMPT = "none: no attempt has this prompt";

/**
 * The simulator's ledger, as the ledger audit compares it: each entry with the booking that the payer paid for.
 * @param bookingOfPayer that booking for money without a prompt; null: unknown
 */
export function readLedger(
  { ledger, prompts }: Truth,
  attempts: readonly Attempt[],
  bookingOfPayer: (phone: string) => string | null,
): LedgerEntry[] {
  const bookingOfSecret = new Map(attempts.map(({ callbackSecretHash, bookingId }) => [callbackSecretHash, bookingId]));
  const bookingOfPrompt = new Map(
    prompts.map(({ checkoutRequestId, callbackUrl }) => [checkoutRequestId, bookingOfSecret.get(hashSecret(secretOf(callbackUrl)))]),
  );
  return ledger.map(({ receipt, amountKes, payerPhone, checkoutRequestId, reversedAt }) => ({
    receipt,
    amountKes,
    payerPhone,
    bookingId: checkoutRequestId === undefined ? bookingOfPayer(payerPhone) : (bookingOfPrompt.get(checkoutRequestId) ?? OF_NO_ATTEMPT),
    isReversed: reversedAt !== undefined,
  }));
}
