/** One booking for each screen, as the service would show it. */
import { failureReasons, receiptCheckStatuses } from "../src/contract.ts";
import type { BookingView, FailureReason, PaymentView } from "../src/contract.ts";

export const MERCHANT = "Amani Tutors";
const PROMPT_LIFE_MS = 60_000;

export function booking(bookingId: string, changes: Partial<BookingView> = {}): BookingView {
  return {
    bookingId,
    reference: "AMANI-1042",
    amount: 1500,
    currency: "KES",
    payment_status: "unpaid",
    version: 1,
    session: { sessionType: "maths-60", name: "Maths, one hour", date: "2026-12-08", time: "10:00" },
    payment: null,
    payManually: { paybill: "174379", accountNumber: "AMANI-1042", amount: 1500 },
    ...changes,
  };
}

/** `secondsAgo`: when the attempt was requested. */
export function payment(status: PaymentView["status"], secondsAgo = 2, changes: Partial<PaymentView> = {}): PaymentView {
  const requestedAt = Date.now() - secondsAgo * 1_000;
  return { status, phone: "2547•••••678", requestedAt, promptExpiresAt: requestedAt + PROMPT_LIFE_MS, ...changes };
}

export function prompted(bookingId: string, secondsAgo = 2, version = 3): BookingView {
  return booking(bookingId, { payment_status: "pending", version, payment: payment("prompted", secondsAgo) });
}

export function paid(bookingId: string, version = 5): BookingView {
  const paidAt = Date.UTC(2026, 10, 23, 7, 2);
  return booking(bookingId, { payment_status: "paid", version, payment: payment("paid", 30, { receipt: "UKN7QX41B2", paidAt }) });
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
    refunded: booking("refunded", { version: 6, payment: payment("refunded", 900, { receipt: "UKN7QX41B2" }) }),
    manual: booking("manual"),
    "manual-open": prompted("manual-open"),
    "manual-till": booking("manual-till", { payManually: { till: "5123456", accountNumber: "AMANI-1042", amount: 1500 } }),
  };
  for (const status of receiptCheckStatuses) {
    const receiptCheck = status === "possible" ? { status } : { status, code: "UKN7QX41B2" };
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
