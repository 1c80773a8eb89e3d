import { isCounted, type LedgerEntry, type Payment } from "./snapshot.ts";

type Money = Pick<LedgerEntry, "receipt" | "amountKes" | "bookingId">;
type Counting = Pick<Payment, "bookingId" | "status" | "amountKes" | "receipt">;

/** Where each entry of the ledger is: every entry and every payment that counts is in one of these lists, once. */
export type Placement<Entry, Counted> = {
  /** With a payment that counts. */
  readonly held: readonly { readonly entry: Entry; readonly payment: Counted }[];
  /** On the owner's list. */
  readonly listed: readonly Entry[];
  /** In neither place. */
  readonly lost: readonly Entry[];
  /** Payments that count though nobody paid them. */
  readonly unpaid: readonly Counted[];
};

/**
 * Finds the place of each entry. A payment holds the entry that its receipt names. A payment without a receipt may hold any entry of its booking
 * and amount that no other payment holds: one that is not on the owner's list, if there is one.
 * @param listedReceipts the receipts on the owner's list
 */
export function placeMoney<Entry extends Money, Counted extends Counting>(
  ledger: readonly Entry[],
  payments: readonly Counted[],
  listedReceipts: ReadonlySet<string>,
): Placement<Entry, Counted> {
  const counted = payments.filter(isCounted);
  const named = new Map<string, Counted>();
  for (const payment of counted) if (payment.receipt !== null && !named.has(payment.receipt)) named.set(payment.receipt, payment);
  const holders = new Map<Entry, Counted>();
  for (const entry of ledger) {
    const holder = named.get(entry.receipt);
    if (holder) holders.set(entry, holder);
  }
  const withoutReceipt = new Set(counted.filter(({ receipt }) => receipt === null));
  const isListed = ({ receipt }: Entry): boolean => listedReceipts.has(receipt);
  const free = ledger.filter((entry) => !holders.has(entry));
  for (const entry of [...free.filter((each) => !isListed(each)), ...free.filter(isListed)]) {
    const holder = [...withoutReceipt].find((payment) => fits(payment, entry));
    if (!holder) continue;
    withoutReceipt.delete(holder);
    holders.set(entry, holder);
  }

  const paid = new Set(holders.values());
  const placed = ledger.map((entry) => ({ entry, payment: holders.get(entry) }));
  return {
    held: placed.flatMap(({ entry, payment }) => (payment ? [{ entry, payment }] : [])),
    listed: ledger.filter((entry) => !holders.has(entry) && isListed(entry)),
    lost: ledger.filter((entry) => !holders.has(entry) && !isListed(entry)),
    unpaid: counted.filter((payment) => !paid.has(payment)),
  };
}

function fits(payment: Counting, entry: Money): boolean {
  return payment.amountKes === entry.amountKes && (entry.bookingId === null || payment.bookingId === entry.bookingId);
}
