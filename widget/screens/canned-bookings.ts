/** One booking for each screen, as the service would show it. */
import { failureReasons, receiptCheckStatuses } from "../src/api/contract.ts";
import type { BookingView, FailureReason, PaymentView } from "../src/api/contract.ts";

export const MERCHANT = "Amani Tutors";
const PROMPT_LIFE_MS = 60_000;
const PRICE_KES = 1_500;
const RECEIPT = "UKN7QX41B2";
/** When the session starts: 8 December 2026, 10:00 in Nairobi. */
const EXPIRES_AT_MS = Date.UTC(2026, 11, 8, 7);

export function booking(bookingId: string, changes: Partial<BookingView> = {}): BookingView {
  return {
    bookingId,
    reference: "AMANI-1042",
    amount: PRICE_KES,
    amountPaid: 0,
    amountDue: PRICE_KES,
    currency: "KES",
    booking_status: "pending",
    payment_status: "unpaid",
    version: 1,
    expiresAt: EXPIRES_AT_MS,
    session: { sessionType: "maths-60", name: "Maths, one hour", date: "2026-12-08", time: "10:00" },
    payment: null,
    payManually: { paybill: "174379", accountNumber: "AMANI-1042", amount: PRICE_KES },
    ...changes,
  };
}

/** `secondsAgo`: when the attempt was requested. */
export function payment(status: PaymentView["status"], secondsAgo = 2, changes: Partial<PaymentView> = {}): PaymentView {
  const requestedAt = Date.now() - secondsAgo * 1_000;
  return { status, amount: PRICE_KES, phone: "2547•••••678", requestedAt, promptExpiresAt: requestedAt + PROMPT_LIFE_MS, ...changes };
}

export function prompted(bookingId: string, secondsAgo = 2, version = 3): BookingView {
  return booking(bookingId, { payment_status: "pending", version, payment: payment("prompted", secondsAgo) });
}

export function paid(bookingId: string, version = 5, changes: Partial<BookingView> = {}): BookingView {
  return booking(bookingId, {
    booking_status: "booked",
    payment_status: "paid",
    amountPaid: PRICE_KES,
    amountDue: 0,
    version,
    payment: received(PRICE_KES),
    payManually: undefined,
    ...changes,
  });
}

function received(amount: number): PaymentView {
  const paidAt = Date.UTC(2026, 10, 23, 7, 2);
  return payment("paid", 30, { amount, receipt: RECEIPT, paidAt, promptExpiresAt: undefined });
}

/** KES 1,000 of the price has arrived. */
export function partPaid(bookingId: string, version = 5, changes: Partial<BookingView> = {}): BookingView {
  const amountPaid = 1_000;
  const amountDue = PRICE_KES - amountPaid;
  return booking(bookingId, {
    payment_status: "partial",
    amountPaid,
    amountDue,
    version,
    payment: received(amountPaid),
    payManually: { paybill: "174379", accountNumber: "AMANI-1042", amount: amountDue },
    ...changes,
  });
}

/** Not, or not fully, paid in time; or no longer to be paid. */
export function over(booking_status: "lapsed" | "cancelled", view: BookingView): BookingView {
  return { ...view, booking_status, version: view.version + 1, payManually: undefined };
}

export function refunded(bookingId: string, version = 6): BookingView {
  const changes = { booking_status: "cancelled", payment_status: "refunded", payManually: undefined } as const;
  return booking(bookingId, { ...changes, version, payment: payment("refunded", 900, { receipt: RECEIPT }) });
}

export function failed(bookingId: string, reason: FailureReason, version = 5, changes: Partial<BookingView> = {}): BookingView {
  return booking(bookingId, { payment_status: "failed", version, payment: payment("failed", 30, { reason }), ...changes });
}

/** The bookings that show a screen by themselves, by the screen's name. */
export function cannedBookings(): Record<string, BookingView> {
  const all: Record<string, BookingView> = {
    ready: booking("ready"),
    sending: booking("sending", { payment_status: "pending", version: 2, payment: payment("requested", 1) }),
    prompted: prompted("prompted"),
    "prompted-20s": prompted("prompted-20s", 24),
    confirming: booking("confirming", { payment_status: "pending", version: 4, payment: payment("confirming", 70) }),
    paid: paid("paid"),
    "paid-surplus": paid("paid-surplus", 5, { amountPaid: 2_000, surplus: 500 }),
    "paid-lapsed": over("lapsed", paid("paid-lapsed")),
    "paid-cancelled": over("cancelled", paid("paid-cancelled", 5, { surplus: PRICE_KES })),
    refunded: refunded("refunded"),
    "ready-partial": partPaid("ready-partial"),
    "prompted-partial": partPaid("prompted-partial", 6, { payment_status: "pending", payment: payment("prompted", 2, { amount: 500 }) }),
    "failed-partial": partPaid("failed-partial", 7, {
      payment: payment("failed", 30, { amount: 500, reason: "insufficient_funds" }),
    }),
    "failed-unknown-partial": partPaid("failed-unknown-partial", 7, {
      payment: payment("failed", 30, { amount: 500, reason: "unknown" }),
      receiptCheck: { status: "possible" },
    }),
    lapsed: over("lapsed", failed("lapsed", "cancelled")),
    "lapsed-code": over("lapsed", failed("lapsed-code", "no_answer", 5, { receiptCheck: { status: "possible" } })),
    "lapsed-partial": over("lapsed", partPaid("lapsed-partial", 5, { receiptCheck: { status: "possible" } })),
    "cancelled-unpaid": over("cancelled", booking("cancelled-unpaid")),
    "cancelled-prompted": over("cancelled", prompted("cancelled-prompted")),
    manual: booking("manual"),
    "manual-partial": partPaid("manual-partial"),
    "manual-open": prompted("manual-open"),
    "manual-till": booking("manual-till", { payManually: { till: "5123456", accountNumber: "AMANI-1042", amount: PRICE_KES } }),
  };
  for (const status of receiptCheckStatuses) {
    const receiptCheck = status === "possible" ? { status } : { status, code: RECEIPT };
    all[`failed-code-${status}`] = failed(`failed-code-${status}`, "unknown", 5, { receiptCheck });
  }
  all["confirming-code"] = booking("confirming-code", {
    payment_status: "pending",
    version: 4,
    payment: payment("confirming", 70),
    receiptCheck: { status: "possible" },
  });
  all["manual-code"] = booking("manual-code", { receiptCheck: { status: "possible" } });
  for (const reason of failureReasons) {
    all[`failed-${reason}`] = failed(`failed-${reason}`, reason, 5, reason === "busy" ? { retryAfterMs: 118_000 } : {});
  }
  return all;
}
