/**
 * The service's answers as the widget's own types, so that the published package needs nothing of the service.
 * `contract-matches-service.ts` stops the type check when they and the service's wire schemas part.
 */

/** Where one attempt to pay stands. `requested`, `prompted` and `confirming` are open: their outcome is not known yet. */
export type PaymentStatus = "requested" | "prompted" | "confirming" | "paid" | "failed" | "refunded";

/** Why an attempt failed. */
export const failureReasons = [
  "insufficient_funds",
  "limit",
  "misconfigured",
  "busy",
  "expired",
  "cancelled",
  "unreachable",
  "no_answer",
  "wrong_pin",
  "pin_locked",
  "rejected",
  "unknown",
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** What is booked. `lapsed`: not paid in time; full money may still book it. */
export type BookingStatus = "pending" | "booked" | "lapsed" | "cancelled";

/** What was paid. `partial`: less than the amount. `failed` may still become `paid` when money arrives late. */
export type BookingPaymentStatus = "unpaid" | "pending" | "partial" | "paid" | "failed" | "refunded";

/** The latest attempt to pay. Times are UTC milliseconds. */
export interface PaymentView {
  status: PaymentStatus;
  reason?: FailureReason | undefined;
  /** Of this payment, in whole shillings; the booking's may be more. */
  amount: number;
  /** M-Pesa's receipt code. */
  receipt?: string | undefined;
  /** Masked: `2547•••••678`. */
  phone: string;
  requestedAt: number;
  promptExpiresAt?: number | undefined;
  paidAt?: number | undefined;
}

/** What to type into M-Pesa's own menu instead of answering a prompt. */
export interface ManualPayment {
  paybill?: string | undefined;
  till?: string | undefined;
  accountNumber: string;
  /** Whole shillings. */
  amount: number;
}

/** Where the check of a code that the payer typed from M-Pesa's SMS stands. `possible`: none was typed yet. */
export const receiptCheckStatuses = ["possible", "checking", "not_found", "not_this_payment", "used", "unanswered"] as const;
export interface ReceiptCheck {
  status: (typeof receiptCheckStatuses)[number];
  code?: string | undefined;
}

/** A booking and its payment, as every route of the service shows it. */
export interface BookingView {
  bookingId: string;
  /** The account number on the payer's SMS. */
  reference: string;
  /** The price, in whole shillings. */
  amount: number;
  /** What has arrived and was not given back. */
  amountPaid: number;
  /** What is still to pay: the next prompt asks for this. */
  amountDue: number;
  currency: "KES";
  booking_status: BookingStatus;
  payment_status: BookingPaymentStatus;
  /** Grows with every change: of two views the one with the higher version is true. */
  version: number;
  /** An unpaid booking lapses then. UTC milliseconds. */
  expiresAt: number;
  /** `date` is YYYY-MM-DD and `time` HH:MM, both in Africa/Nairobi. */
  session: { sessionType: string | null; name: string; date: string; time: string };
  payment: PaymentView | null;
  /** Paid beyond the price. Of a cancelled booking: everything that was paid. */
  surplus?: number | undefined;
  /** For this long another prompt is refused: Safaricom would not send it, or the last one may still be on the phone. */
  retryAfterMs?: number | undefined;
  payManually?: ManualPayment | undefined;
  /** Missing where the site cannot check codes. */
  receiptCheck?: ReceiptCheck | undefined;
}

/** What is paid for. */
export type Offer = Pick<BookingView, "amount" | "session">;
