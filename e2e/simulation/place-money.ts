/** Where each entry of the ledger is in the database. */
import type { Attempt } from "../../service/src/payments/payment.ts";
import type { LedgerEntry } from "./safaricom.ts";
import type { World } from "./world.ts";

/** `extra`: counted, and nobody paid. `missing`: paid, and neither counted nor on the owner's list. */
export type Placement = { extra: Attempt[]; missing: LedgerEntry[] };

/** Of one booking: every payment that counts is money of this booking's, and the other way round. Money counted without a receipt may be any of it. */
export function placeMoney({ tables, safaricom, money }: World, bookingId: string): Placement {
  const entries = safaricom.ledgerOf(bookingId);
  const counted = (tables.attemptsOfBooking.get(bookingId) ?? []).flatMap((id) => {
    const attempt = tables.attempts.get(id);
    return attempt && (attempt.status === "paid" || attempt.status === "refunded") ? [attempt] : [];
  });
  const receipts = new Set(counted.map(({ receipt }) => receipt));
  const left = entries.filter(({ receipt }) => !receipts.has(receipt));
  const known = new Map(entries.map((entry) => [entry.receipt, entry]));
  const extra: Attempt[] = [];
  for (const attempt of counted) {
    const index = left.findIndex(({ amountKes }) => amountKes === attempt.amountKes);
    const isPaid = attempt.receipt === null ? index >= 0 : known.get(attempt.receipt)?.amountKes === attempt.amountKes;
    if (!isPaid) extra.push(attempt);
    else if (attempt.receipt === null) left.splice(index, 1);
  }
  return { extra, missing: left.filter(({ receipt }) => money.unassigned.get(receipt)?.paymentId !== null) };
}
