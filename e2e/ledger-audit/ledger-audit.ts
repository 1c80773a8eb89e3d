/**
 * Compares Safaricom's ledger with the database and says in words what differs. Pure: the tests, the fault tests and the simulation each hand in
 * their own ledger and rows.
 */
import { comparePayer } from "../../service/src/payments/phone-number.ts";
import { placeMoney } from "./place-money.ts";
import { isCounted, type HistoryStep, type LedgerEntry, type Payment, type Session, type Snapshot } from "./snapshot.ts";

type Rule = {
  readonly group: "lost" | "doubled" | "wrong";
  readonly text: string;
  /** Broken for a while after money moved, until the service has learnt of it. */
  readonly isBrokenForAWhile?: true;
};

/** Every rule that the audit checks. All others hold after each transaction. */
export const rules = {
  "money-lost": { group: "lost", text: "money that moved is in the database", isBrokenForAWhile: true },
  "receipt-twice": { group: "doubled", text: "a receipt counts for one payment" },
  unpaid: { group: "wrong", text: "nothing is paid without money in the ledger" },
  "other-booking": { group: "wrong", text: "money counts for the booking that it was paid for" },
  "other-amount": { group: "wrong", text: "a payment has the amount that was paid" },
  "other-payer": { group: "wrong", text: "a payment names the phone that paid" },
  "list-unpaid": { group: "wrong", text: "the owner's list names only money from the ledger" },
  "list-amount": { group: "wrong", text: "the owner's list has the amount that was paid" },
  "list-assigned": { group: "wrong", text: "money that was assigned is with its payment" },
  "reversal-missed": { group: "wrong", text: "what Safaricom gave back is refunded", isBrokenForAWhile: true },
  "not-reversed": { group: "wrong", text: "only what Safaricom gave back is refunded" },
  "refund-open": { group: "wrong", text: "a refunded payment has a refund that is done", isBrokenForAWhile: true },
  "refund-done": { group: "wrong", text: "a payment whose refund is done is refunded" },
  "paid-twice": { group: "doubled", text: "a payment becomes paid once" },
  "paid-step": { group: "wrong", text: "a payment counts if its history has a step to paid" },
  "history-end": { group: "wrong", text: "history ends at the payment's status" },
  "no-receipt": { group: "wrong", text: "what confirms a payment names its receipt, unless it is a query" },
  "two-sessions": { group: "doubled", text: "a booking has at most one session" },
  surplus: { group: "wrong", text: "surplus is what was paid beyond the price" },
  "booked-unpaid": { group: "wrong", text: "nothing is booked before its full price has arrived" },
  booked: { group: "wrong", text: "a booking is booked if it has a session" },
  "no-session": { group: "wrong", text: "a booking whose price was paid has a session" },
  "other-session": { group: "wrong", text: "a session is its payment's, at the booking's price" },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

export type Difference = {
  readonly rule: RuleName;
  /** A sentence that names the payment, booking or receipt. */
  readonly text: string;
  readonly bookingId: string | null;
};

export type Sum = {
  readonly payments: number;
  readonly kes: number;
};

export type Places = {
  /** The price of what is booked, or a part of it. */
  readonly booked: Sum;
  /** With a booking that is not booked: part payments, and money that came too late. */
  readonly waiting: Sum;
  /** With a booking that did not need it; counted by the payments that have some. */
  readonly surplus: Sum;
  /** Given back, in Safaricom's ledger and in the database. */
  readonly givenBack: Sum;
  /** On the owner's list of money that matched no booking. */
  readonly listed: Sum;
};

export type LedgerAudit = {
  /** Empty: the ledger and the database agree. */
  readonly differences: readonly Difference[];
  /** Where the ledger's money is. */
  readonly places: Places;
};

export function auditLedger(ledger: readonly LedgerEntry[], database: Snapshot): LedgerAudit {
  const money = auditMoney(ledger, database);
  const differences = [...money.differences, ...auditRefunds(database), ...auditHistory(database), ...auditBookings(database)];
  return { differences, places: money.places };
}

/** Of one group of rules, as sentences. */
export function sentencesOf(differences: readonly Difference[], group: Rule["group"]): string[] {
  return differences.filter(({ rule }) => rules[rule].group === group).map(({ text }) => text);
}

/** Whether the rule holds after each transaction, not only when nothing is on its way any more. */
export function holdsAlways(rule: RuleName): boolean {
  return !("isBrokenForAWhile" in rules[rule]);
}

function auditMoney(ledger: readonly LedgerEntry[], { bookings, payments, unassigned }: Snapshot): LedgerAudit {
  const differences: Difference[] = [];
  const differ = (rule: RuleName, bookingId: string | null, text: string): void => void differences.push({ rule, bookingId, text });
  const open = unassigned.filter(({ paymentId }) => paymentId === null);
  const { held, listed, lost, unpaid } = placeMoney(ledger, payments, new Set(open.map(({ receipt }) => receipt)));

  for (const { receipt, amountKes, bookingId } of lost)
    differ(
      "money-lost",
      bookingId,
      `KES ${amountKes}, receipt ${receipt}, for booking ${bookingId ?? "unknown"} are in no payment and on no list`,
    );
  for (const payment of unpaid) differ("unpaid", payment.bookingId, `${nameOf(payment)}: nobody paid`);
  for (const { entry, payment } of held) differences.push(...compareHeld(entry, payment));
  const holdersOf = Map.groupBy(payments.filter(isCounted), ({ receipt }) => receipt);
  for (const [receipt, [first, ...others]] of holdersOf)
    if (receipt !== null && others.length > 0)
      differ("receipt-twice", first?.bookingId ?? null, `receipt ${receipt} pays ${others.length + 1} payments`);

  const entryOf = new Map(ledger.map((entry) => [entry.receipt, entry]));
  const paymentOf = new Map(payments.map((payment) => [payment.id, payment]));
  for (const { receipt, amountKes, paymentId } of unassigned) {
    const entry = entryOf.get(receipt);
    if (!entry) differ("list-unpaid", null, `receipt ${receipt} is on the owner's list, and nobody paid it`);
    else if (entry.amountKes !== amountKes)
      differ("list-amount", entry.bookingId, `receipt ${receipt} is listed with KES ${amountKes}, not ${entry.amountKes}`);
    if (paymentId !== null && paymentOf.get(paymentId)?.receipt !== receipt)
      differ("list-assigned", entry?.bookingId ?? null, `receipt ${receipt} is assigned to payment ${paymentId}, which does not have it`);
  }

  const booked = new Set(bookings.filter(({ status }) => status === "booked").map(({ id }) => id));
  const kept = held.map(({ payment }) => payment).filter(({ status }) => status === "paid");
  const needed = ({ amountKes, surplusKes }: Payment): number => amountKes - surplusKes;
  const ofBooked = Map.groupBy(kept, ({ bookingId }) => booked.has(bookingId));
  return {
    differences,
    places: {
      booked: sumOf((ofBooked.get(true) ?? []).map(needed)),
      waiting: sumOf((ofBooked.get(false) ?? []).map(needed)),
      surplus: sumOf(kept.map(({ surplusKes }) => surplusKes)),
      givenBack: sumOf(held.flatMap(({ entry, payment }) => (payment.status === "refunded" ? [entry.amountKes] : []))),
      listed: sumOf(listed.map(({ amountKes }) => amountKes)),
    },
  };
}

function compareHeld(entry: LedgerEntry, payment: Payment): Difference[] {
  const { bookingId, status } = payment;
  const name = nameOf(payment);
  const found: Difference[] = [];
  const differ = (rule: RuleName, text: string): void => void found.push({ rule, bookingId, text: `${name}: ${text}` });
  if (entry.bookingId !== null && entry.bookingId !== bookingId) differ("other-booking", `the money was for ${entry.bookingId}`);
  if (entry.amountKes !== payment.amountKes) differ("other-amount", `KES ${entry.amountKes} were paid, not ${payment.amountKes}`);
  if (comparePayer(payment.phone, entry.payerPhone) === "other") differ("other-payer", "another phone paid");
  if (entry.isReversed && status !== "refunded") differ("reversal-missed", "Safaricom gave its money back");
  if (!entry.isReversed && status === "refunded") differ("not-reversed", "Safaricom did not give its money back");
  return found;
}

function auditRefunds({ payments, refunds }: Snapshot): Difference[] {
  const done = new Set(refunds.filter(({ status }) => status === "done").map(({ paymentId }) => paymentId));
  return payments.flatMap((payment): Difference[] => {
    const { id, bookingId, status } = payment;
    if (done.has(id) === (status === "refunded")) return [];
    if (done.has(id)) return [{ rule: "refund-done", bookingId, text: `${nameOf(payment)}: its refund is done` }];
    return [{ rule: "refund-open", bookingId, text: `${nameOf(payment)}: no refund of it is done` }];
  });
}

function auditHistory({ payments, history }: Snapshot): Difference[] {
  if (history === null) return [];
  const stepsOf = Map.groupBy(history, ({ paymentId }) => paymentId);
  return payments.flatMap((payment) => comparePath(payment, stepsOf.get(payment.id) ?? []));
}

function comparePath(payment: Payment, steps: readonly HistoryStep[]): Difference[] {
  const { bookingId, receipt, status } = payment;
  const found: Difference[] = [];
  const differ = (rule: RuleName, text: string): void => void found.push({ rule, bookingId, text: `${nameOf(payment)}: ${text}` });
  const toPaid = steps.filter(({ fromStatus, toStatus }) => toStatus === "paid" && fromStatus !== "paid");
  const [first] = toPaid;
  if (toPaid.length > 1) differ("paid-twice", `it became paid ${toPaid.length} times`);
  if (isCounted(payment) !== (first !== undefined)) differ("paid-step", `its history has ${toPaid.length} steps to paid`);
  if (isCounted(payment) && receipt === null && first && first.source !== "query")
    differ("no-receipt", `it has no receipt, and the ${first.source} confirmed it`);
  if (steps.at(-1)?.toStatus !== status) differ("history-end", `its history ends at ${steps.at(-1)?.toStatus ?? "nothing"}`);
  return found;
}

function auditBookings({ bookings, payments, sessions }: Snapshot): Difference[] {
  const paymentsOf = Map.groupBy(payments.filter(isCounted), ({ bookingId }) => bookingId);
  const sessionsOf = Map.groupBy(sessions, ({ bookingId }) => bookingId);
  return bookings.flatMap((booking) => compareBooking(booking, paymentsOf.get(booking.id) ?? [], sessionsOf.get(booking.id) ?? []));
}

/** @param paid those of its payments that count */
function compareBooking(booking: Snapshot["bookings"][number], paid: readonly Payment[], sessions: readonly Session[]): Difference[] {
  const { id: bookingId, status, amountKes } = booking;
  const found: Difference[] = [];
  const differ = (rule: RuleName, text: string): void =>
    void found.push({ rule, bookingId, text: `booking ${bookingId} (${status}) ${text}` });
  const keptKes = sumOf(paid.filter((payment) => payment.status === "paid").map((payment) => payment.amountKes)).kes;
  const arrivedKes = sumOf(paid.map((payment) => payment.amountKes)).kes;
  const surplusKes = sumOf(paid.map((payment) => payment.surplusKes)).kes;
  if (sessions.length > 1) differ("two-sessions", `has ${sessions.length} sessions`);
  // What was refunded makes room, and for a cancelled booking all is surplus: then less can be said.
  const isPlain = keptKes === arrivedKes && status !== "cancelled";
  if (isPlain && surplusKes !== Math.max(0, arrivedKes - amountKes))
    differ("surplus", `has KES ${surplusKes} of surplus, of KES ${arrivedKes} paid for ${amountKes}`);
  if (status === "booked" && arrivedKes < amountKes) differ("booked-unpaid", `was paid KES ${arrivedKes} of ${amountKes}`);
  if ((status === "booked") !== sessions.length > 0) differ("booked", `has ${sessions.length} sessions`);
  const mustHaveSession = keptKes >= amountKes && status !== "lapsed" && status !== "cancelled";
  if (mustHaveSession && sessions.length === 0) differ("no-session", "was paid and has no session");
  for (const session of sessions) {
    const payment = paid.find(({ id }) => id === session.paymentId);
    if (payment?.sessionId !== session.id || session.amountKes !== amountKes)
      differ("other-session", `has the session ${session.id}, which is not its payment's`);
  }
  return found;
}

function nameOf({ id, status }: Payment): string {
  return `payment ${id} (${status})`;
}

function sumOf(amountsKes: readonly number[]): Sum {
  return {
    payments: amountsKes.filter((amountKes) => amountKes > 0).length,
    kes: amountsKes.reduce((sum, amountKes) => sum + amountKes, 0),
  };
}
