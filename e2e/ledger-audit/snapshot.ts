/** What the audit compares: Safaricom's ledger, and the database as it is at one moment. */
import type { BookingStatus, PaymentStatus, RefundStatus } from "../../service/src/contract.ts";

/** One movement of money. */
export type LedgerEntry = {
  readonly receipt: string;
  readonly amountKes: number;
  readonly payerPhone: string;
  /** The booking that the payer paid for; null: the ledger cannot tell, so any booking may have it. */
  readonly bookingId: string | null;
  /** Safaricom has given it back. */
  readonly isReversed: boolean;
};

export type Snapshot = {
  readonly bookings: readonly { readonly id: string; readonly status: BookingStatus; readonly amountKes: number }[];
  readonly payments: readonly Payment[];
  /** Those that take place: not the cancelled ones. */
  readonly sessions: readonly Session[];
  /** The owner's list: money without a prompt that matched no booking. `paymentId`: null until somebody assigns it. */
  readonly unassigned: readonly { readonly receipt: string; readonly amountKes: number; readonly paymentId: string | null }[];
  readonly refunds: readonly { readonly paymentId: string; readonly status: RefundStatus }[];
  /** In the order in which it was committed. Null: not compared. */
  readonly history: readonly HistoryStep[] | null;
};

export type Payment = {
  readonly id: string;
  readonly bookingId: string;
  readonly sessionId: string | null;
  readonly status: PaymentStatus;
  /** How much of it its booking did not need when it came. */
  readonly surplusKes: number;
  readonly amountKes: number;
  /** May be masked or hashed, as M-Pesa names payers without a prompt. */
  readonly phone: string;
  /** Null on a paid payment: a query said that it is paid, and queries do not name the receipt. */
  readonly receipt: string | null;
};

export type Session = { readonly id: string; readonly bookingId: string; readonly paymentId: string; readonly amountKes: number };

export type HistoryStep = {
  readonly paymentId: string;
  readonly fromStatus: string | null;
  readonly toStatus: string;
  readonly source: string;
};

/** Whether the service says that this payment's money came. */
export function isCounted({ status }: Pick<Payment, "status">): boolean {
  return status === "paid" || status === "refunded";
}
