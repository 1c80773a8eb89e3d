/** What an owner can do now about a booking and its payments, and what it would do. Pure. */
import { amountDueKes, amountPaidKes, isOpen, mayStillBePaid, type Attempt, type BookingFile } from "../../payments/payment.ts";
import type { PossibleAction } from "../owners-contract.ts";
import { quotable } from "../../platform/plain-text.ts";
import { isAddress } from "../../receipts/receipt-mail.ts";
import type { Words } from "../../words/english.ts";
import { kes, phoneOf, sessionTime } from "../../words/words.ts";

/** What cannot be seen in the booking. */
export type ActionFacts = {
  /** Payments whose M-Pesa account can give money back, and for which no refund is under way. */
  refundable: ReadonlySet<string>;
  /** Whether money without a booking waits at this site. */
  hasUnassigned: boolean;
  /** Whether the service sends mail. */
  canMail: boolean;
};

/** @param only the id of one payment, for its own page; null: of all */
export function possibleActions(words: Words, file: BookingFile, facts: ActionFacts, only: string | null): PossibleAction[] {
  const attempts = file.attempts.filter(({ id }) => only === null || id === only);
  return [
    ...attempts.flatMap((attempt) => [...refund(words, file, attempt, facts), ...settle(words, file, attempt)]),
    ...assign(words, file, facts),
    ...move(words, file),
    ...cancel(words, file),
    ...resendReceipt(words, file, facts),
  ];
}

function refund(words: Words, file: BookingFile, attempt: Attempt, { refundable }: ActionFacts): PossibleAction[] {
  const { id: paymentId, amountKes, phone, receipt } = attempt;
  if (attempt.status !== "paid" || receipt === null || !refundable.has(paymentId)) return [];
  const say = words.consequences;
  const leftKes = amountPaidKes(file.attempts) - amountKes;
  const isBooked = file.booking.status === "booked";
  const stays = isBooked ? say.moneyAndSessionStay(kes(leftKes)) : say.moneyStays(kes(leftKes));
  const nothing = isBooked ? say.sessionIsCancelled(sessionTime(words, file.booking)) : say.nothingIsPaid;
  const booking = leftKes === 0 ? nothing : stays;
  return [
    { action: "refund", paymentId, amount: amountKes, consequence: say.refund(kes(amountKes), phoneOf(words, phone), receipt, booking) },
  ];
}

function settle(words: Words, file: BookingFile, attempt: Attempt): PossibleAction[] {
  const { id: paymentId, amountKes } = attempt;
  const { settleUndecided, settlePaid } = words.consequences;
  // A failed try of a booking that is paid for is no question any more; its money, if it comes, is surplus.
  if (isOpen(attempt) || mayStillBePaid(attempt) || (attempt.status === "failed" && amountDueKes(file) > 0))
    return [{ action: "settle", paymentId, consequence: settleUndecided(kes(amountKes), booksIt(words, file, amountKes)) }];
  const isUneven = attempt.surplusKes > 0 || file.booking.status !== "booked" || amountPaidKes(file.attempts) < file.booking.amountKes;
  if (attempt.status !== "paid" || attempt.keptAtMs !== null || !isUneven) return [];
  return [{ action: "settle", paymentId, consequence: settlePaid(kes(amountKes)) }];
}

function assign(words: Words, file: BookingFile, { hasUnassigned }: ActionFacts): PossibleAction[] {
  const dueKes = amountDueKes(file);
  if (!hasUnassigned || dueKes === 0 || file.booking.status === "cancelled") return [];
  return [{ action: "assign", consequence: words.consequences.assign(kes(dueKes), booksIt(words, file, dueKes)) }];
}

/** Money for a lapsed booking books it only if its place is still free, so nothing is promised. */
function booksIt(words: Words, file: BookingFile, amountKes: number): string {
  return file.booking.status === "pending" && amountKes >= amountDueKes(file) ? words.consequences.booksIt : "";
}

function move(words: Words, { booking, attempts }: BookingFile): PossibleAction[] {
  if (booking.status === "cancelled") return [];
  const isBooked = booking.status === "booked" || amountPaidKes(attempts) >= booking.amountKes;
  const { moveBooked, moveUnpaid } = words.consequences;
  return [{ action: "move", consequence: (isBooked ? moveBooked : moveUnpaid)(sessionTime(words, booking)) }];
}

function cancel(words: Words, { booking, attempts }: BookingFile): PossibleAction[] {
  if (booking.status === "cancelled" || attempts.some(isOpen)) return [];
  const paidKes = amountPaidKes(attempts);
  const money = paidKes > 0 ? words.consequences.moneyToGiveBack(kes(paidKes)) : "";
  return [{ action: "cancel", consequence: words.consequences.cancel(sessionTime(words, booking), money) }];
}

function resendReceipt(words: Words, { booking, attempts }: BookingFile, { canMail }: ActionFacts): PossibleAction[] {
  const hasReceipt = attempts.some(({ status }) => status === "paid" || status === "refunded");
  if (!canMail || !hasReceipt || !isAddress(booking.email)) return [];
  return [{ action: "resend_receipt", consequence: words.consequences.resendReceipt(quotable(booking.email, 254)) }];
}
