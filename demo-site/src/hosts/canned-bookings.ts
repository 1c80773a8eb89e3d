import { failureReasons, type BookingView } from "../../../service/src/contract.ts";

type Payment = NonNullable<BookingView["payment"]>;

const PROMPT_LIFE_MS = 60_000;

/** What a booking looks like for each screen that the widget can show by itself, by the screen's name. Nothing here is a real payment. */
export function cannedBookings(nowMs: number): ReadonlyMap<string, BookingView> {
  const payment = (status: Payment["status"], secondsAgo: number, more: Partial<Payment> = {}): Payment => {
    const requestedAt = nowMs - secondsAgo * 1_000;
    return { status, phone: "2547•••••149", requestedAt, promptExpiresAt: requestedAt + PROMPT_LIFE_MS, ...more };
  };
  const receipt = "UKN7QX41B2";
  const views: Record<string, Partial<BookingView>> = {
    ready: {},
    sending: { payment_status: "pending", payment: payment("requested", 1) },
    prompted: { payment_status: "pending", payment: payment("prompted", 2) },
    "prompted-for-a-while": { payment_status: "pending", payment: payment("prompted", 24) },
    confirming: { payment_status: "pending", payment: payment("confirming", 70) },
    paid: { payment_status: "paid", payment: payment("paid", 30, { receipt, paidAt: nowMs }) },
    refunded: { payment: payment("refunded", 900, { receipt }) },
  };
  for (const reason of failureReasons) {
    const wait = reason === "busy" ? { retryAfterMs: 118_000 } : {};
    views[`failed-${reason.replaceAll("_", "-")}`] = { payment_status: "failed", payment: payment("failed", 30, { reason }), ...wait };
  }
  return new Map(Object.entries(views).map(([name, changes]) => [name, { ...unpaid(name), ...changes }]));
}

function unpaid(bookingId: string): BookingView {
  return {
    bookingId,
    reference: "AMANI1042",
    amount: 1_500,
    currency: "KES",
    payment_status: "unpaid",
    version: 1,
    session: { sessionType: "maths-1h", name: "Maths, one hour", date: "2026-12-08", time: "10:00" },
    payment: null,
    payManually: { paybill: "174379", accountNumber: "AMANI1042", amount: 1_500 },
  };
}
