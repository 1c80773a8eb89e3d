/** What an owner can do now about a booking and its payments, and what it would do. Pure. */
import { amountDueKes, amountPaidKes, isOpen, mayStillBePaid, type Attempt, type BookingFile } from "../../payments/payment.ts";
import type { PossibleAction } from "../owners-contract.ts";
import { quotable } from "../../platform/plain-text.ts";
import { isAddress } from "../../receipts/receipt-mail.ts";
import { kes, phoneOf, sessionTime } from "./words.ts";

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
export function possibleActions(file: BookingFile, facts: ActionFacts, only: string | null): PossibleAction[] {
  const attempts = file.attempts.filter(({ id }) => only === null || id === only);
  return [
    ...attempts.flatMap((attempt) => [...refund(file, attempt, facts), ...settle(file, attempt)]),
    ...assign(file, facts),
    ...move(file),
    ...cancel(file),
    ...resendReceipt(file, facts),
  ];
}

function refund(file: BookingFile, attempt: Attempt, { refundable }: ActionFacts): PossibleAction[] {
  if (attempt.status !== "paid" || attempt.receipt === null || !refundable.has(attempt.id)) return [];
  const back = `${kes(attempt.amountKes)} goes back to ${phoneOf(attempt.phone)} by M-Pesa, all of receipt ${attempt.receipt}`;
  const left = amountPaidKes(file.attempts) - attempt.amountKes;
  const { status } = file.booking;
  const booking =
    left === 0 && status === "booked"
      ? `the session on ${sessionTime(file.booking)} is then cancelled`
      : status === "booked"
        ? `${kes(left)} stays, and so does the session`
        : `${kes(left)} stays`;
  return [{ action: "refund", paymentId: attempt.id, consequence: `${back}; ${booking}. It cannot be undone.` }];
}

function settle(file: BookingFile, attempt: Attempt): PossibleAction[] {
  const { id: paymentId, amountKes } = attempt;
  if (isOpen(attempt) || mayStillBePaid(attempt) || attempt.status === "failed") {
    const paid = `Paid, with the receipt of the M-Pesa statement: ${kes(amountKes)} counts for this booking${booksIt(file, amountKes)}.`;
    return [
      { action: "settle", paymentId, consequence: `${paid} Not paid: it counts as failed, and money that comes later still counts.` },
    ];
  }
  const isUneven = attempt.surplusKes > 0 || file.booking.status !== "booked" || amountPaidKes(file.attempts) < file.booking.amountKes;
  if (attempt.status !== "paid" || attempt.keptAtMs !== null || !isUneven) return [];
  return [
    {
      action: "settle",
      paymentId,
      consequence: `Kept: ${kes(amountKes)} stays as it is, and is listed no more. Given back by hand: it counts as refunded; SomoPay sends no money.`,
    },
  ];
}

function assign(file: BookingFile, { hasUnassigned }: ActionFacts): PossibleAction[] {
  const dueKes = amountDueKes(file);
  if (!hasUnassigned || dueKes === 0 || file.booking.status === "cancelled") return [];
  return [
    {
      action: "assign",
      consequence: `Money that came without a booking counts for this one, of which ${kes(dueKes)} is due${booksIt(file, dueKes)}.`,
    },
  ];
}

/** Money for a lapsed booking books it only if its place is still free, so nothing is promised. */
function booksIt(file: BookingFile, amountKes: number): string {
  return file.booking.status === "pending" && amountKes >= amountDueKes(file) ? " and books the session" : "";
}

function move({ booking, attempts }: BookingFile): PossibleAction[] {
  if (booking.status === "cancelled") return [];
  const isBooked = booking.status === "booked" || amountPaidKes(attempts) >= booking.amountKes;
  const then = isBooked ? "is booked at the time that you choose" : "waits for its payment, for the time that you choose";
  return [{ action: "move", consequence: `The session on ${sessionTime(booking)} ${then}. SomoPay does not tell the parent.` }];
}

function cancel({ booking, attempts }: BookingFile): PossibleAction[] {
  if (booking.status === "cancelled" || attempts.some(isOpen)) return [];
  const paidKes = amountPaidKes(attempts);
  const money = paidKes > 0 ? ` ${kes(paidKes)} stays on the list of what needs attention until you give it back.` : "";
  return [
    {
      action: "cancel",
      consequence: `The session on ${sessionTime(booking)} does not take place.${money} SomoPay does not tell the parent.`,
    },
  ];
}

function resendReceipt({ booking, attempts }: BookingFile, { canMail }: ActionFacts): PossibleAction[] {
  const hasReceipt = attempts.some(({ status }) => status === "paid" || status === "refunded");
  if (!canMail || !hasReceipt || !isAddress(booking.email)) return [];
  return [{ action: "resend_receipt", consequence: `The receipt goes once more to ${quotable(booking.email, 254)}.` }];
}
