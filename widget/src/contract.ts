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

/** What a booking shows of its attempts: `failed` may still become `paid` when money arrives late. */
export type BookingPaymentStatus = "unpaid" | "pending" | "paid" | "failed";

/** The latest attempt to pay. Times are UTC milliseconds. */
export interface PaymentView {
  status: PaymentStatus;
  reason?: FailureReason | undefined;
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
  /** Whole shillings. */
  amount: number;
  currency: "KES";
  payment_status: BookingPaymentStatus;
  /** Grows with every change: of two views the one with the higher version is true. */
  version: number;
  /** `date` is YYYY-MM-DD and `time` HH:MM, both in Africa/Nairobi. */
  session: { sessionType: string | null; name: string; date: string; time: string };
  payment: PaymentView | null;
  /** Safaricom would refuse another prompt for this long. */
  retryAfterMs?: number | undefined;
  payManually?: ManualPayment | undefined;
  /** Missing where the site cannot check codes. */
  receiptCheck?: ReceiptCheck | undefined;
}
